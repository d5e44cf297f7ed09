package dev.guard.doctor.namespace;

import dev.guard.config.GuardConfig;
import dev.guard.doctor.finding.Finding;
import dev.guard.doctor.machine.ExaminedMachine;
import dev.guard.doctor.machine.Programs;
import dev.guard.os.Cgroupfs;
import dev.guard.os.Os;
import dev.guard.os.Procfs;
import dev.guard.value.Environment;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** A host on disk, with a manager of systemd that says what a test wants. */
final class NamespaceFixture {
  static final String HOST_USERS = "         0          0 4294967295\n";

  private final Path directory;
  private final Map<String, String> units = new HashMap<>();
  private final Set<Integer> guarded = new TreeSet<>();
  private int self;
  private boolean recordsFail;

  /** What programs were called with. */
  final List<List<String>> asked = new ArrayList<>();

  final List<Map<String, String>> environments = new ArrayList<>();

  /** A host that guard looks at as root. */
  NamespaceFixture(Path directory) throws IOException {
    this.directory = directory;
    file("root/etc/passwd", "root:x:0:0::/root:/bin/sh\nme:x:1000:1000::/home/me:/bin/sh\n");
    file("root/run/user/1000/bus", "");
    process(1, "systemd", 0, "/init.scope", MountinfoText.host(), "/sbin/init");
  }

  NamespaceFixture as(int user) {
    self = user;
    return this;
  }

  void file(String path, String text) throws IOException {
    Path file = directory.resolve(path);
    Files.createDirectories(file.getParent());
    // Each character is a byte.
    Files.writeString(file, text, StandardCharsets.ISO_8859_1);
  }

  /** A child of the first process. */
  NamespaceFixture process(
      int pid, String name, int user, String cgroup, MountinfoText mounts, String... argv)
      throws IOException {
    return child(1, pid, name, user, cgroup, mounts, argv);
  }

  NamespaceFixture child(
      int parent,
      int pid,
      String name,
      int user,
      String cgroup,
      MountinfoText mounts,
      String... argv)
      throws IOException {
    status(pid, name, parent, user, Integer.toString(pid));
    file("proc/" + pid + "/cmdline", String.join("\0", argv) + "\0");
    file("proc/" + pid + "/cgroup", "0::" + cgroup + "\n");
    file("proc/" + pid + "/mountinfo", mounts.text());
    file("proc/" + pid + "/uid_map", HOST_USERS);
    return this;
  }

  void status(int pid, String name, int parent, int user, String pids) throws IOException {
    String ids = "\t" + user + "\t" + user + "\t" + user + "\t" + user + "\n";
    file(
        "proc/" + pid + "/status",
        "Name:\t%s\nState:\tS (sleeping)\nPPid:\t%d\nUid:%sNSpid:\t%s\nThreads:\t1\n"
            .formatted(name, parent, ids, pids));
  }

  /** A unit as its manager has it; a name that has none is not found. */
  NamespaceFixture unit(String name, String... properties) {
    units.put(name, "Id=" + name + "\nLoadState=loaded\n" + String.join("\n", properties) + "\n");
    return this;
  }

  /** The records of guards can not be read. */
  NamespaceFixture withoutRecords() {
    recordsFail = true;
    return this;
  }

  private Set<Integer> guarded() throws IOException {
    if (recordsFail) {
      throw new IOException("the records are gone");
    }
    return guarded;
  }

  NamespaceFixture guarded(int pid) {
    guarded.add(pid);
    return this;
  }

  private Programs.Answer answer(List<String> words, Map<String, String> environment)
      throws IOException {
    asked.add(words);
    environments.add(environment);
    if (!words.contains("show")) {
      return new Programs.Answer(2, "", "");
    }
    if (units.isEmpty()) {
      throw new IOException("there is no bus");
    }
    List<String> answers = new ArrayList<>();
    for (String name : words.subList(words.indexOf("--") + 1, words.size())) {
      answers.add(units.getOrDefault(name, "Id=" + name + "\nLoadState=not-found\n"));
    }
    return new Programs.Answer(0, String.join("\n", answers), "");
  }

  private Os os() {
    return (Os)
        Proxy.newProxyInstance(
            Os.class.getClassLoader(),
            new Class<?>[] {Os.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("userId")) {
                return self;
              }
              if (method.getName().equals("pid")) {
                return 2;
              }
              try {
                return method.invoke(Os.linux(), arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  List<Finding> findings(Integer... pids) throws IOException {
    ExaminedMachine machine =
        new ExaminedMachine(
            os(),
            new Procfs(directory.resolve("proc")),
            new Cgroupfs(directory),
            directory.resolve("root"),
            this::answer,
            GuardConfig.defaults(),
            new Environment(List.of()));
    return new NamespaceChecks(machine, List.of(pids), this::guarded).findings();
  }

  /** The only finding. */
  Finding finding(Integer... pids) throws IOException {
    List<Finding> all = findings(pids);
    if (all.size() != 1) {
      throw new AssertionError(all.toString());
    }
    return all.get(0);
  }
}
