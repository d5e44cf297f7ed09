package dev.guard.doctor.machine;

import dev.guard.config.GuardConfig;
import dev.guard.os.Cgroupfs;
import dev.guard.os.Os;
import dev.guard.os.OsString;
import dev.guard.os.Procfs;
import dev.guard.value.Environment;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A machine made of files below a directory, with programs that say what the test says. */
public final class FakeMachine {
  public static final int SELF = 4711;

  private final Path root;
  private final int user;
  private final List<OsString> environment = new ArrayList<>();
  private final Map<String, Programs.Answer> answers = new LinkedHashMap<>();
  private final List<String> asked = new ArrayList<>();

  public FakeMachine(Path root, int user) {
    this.root = root;
    this.user = user;
    file(
        "etc/passwd",
        "root:x:0:0:root:/root:/bin/sh\n# none\nvmu:x:1000:1001:,,:/home/vmu:/bin/sh\n");
    process(SELF, "java", 'S', 1, 100);
  }

  public FakeMachine file(String path, String text) {
    try {
      Path file = root.resolve(path);
      Files.createDirectories(file.getParent());
      Files.writeString(file, text, StandardCharsets.UTF_8);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public FakeMachine directory(String path) {
    try {
      Files.createDirectories(root.resolve(path));
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public FakeMachine underSystemd() {
    return directory("run/systemd/system");
  }

  public FakeMachine process(int pid, String name, char state, int parent, long start) {
    file(
        "proc/" + pid + "/stat",
        pid
            + " ("
            + name
            + ") "
            + state
            + " "
            + parent
            + " 1 1 0 -1 4194304 0 0 0 0 1 2 3 4 20 0 1 0 "
            + start
            + " 1 1 1\n");
    return file("proc/" + pid + "/status", "Name:\tx\nUid:\t" + user + "\t" + user + "\t0\t0\n");
  }

  public FakeMachine ofUser(int pid, int owner) {
    return file("proc/" + pid + "/status", "Name:\tx\nUid:\t0\t" + owner + "\t0\t0\n");
  }

  public FakeMachine in(int pid, String cgroup) {
    return file("proc/" + pid + "/cgroup", "0::" + cgroup + "\n");
  }

  public FakeMachine openFiles(int pid, int count, String softLimit) {
    directory("proc/" + pid + "/fd");
    for (int i = 0; i < count; i++) {
      file("proc/" + pid + "/fd/" + i, "");
    }
    return file(
        "proc/" + pid + "/limits",
        "Limit                     Soft Limit           Hard Limit           Units     \n"
            + "Max cpu time              unlimited            unlimited            seconds   \n"
            + "Max open files            "
            + softLimit
            + "                 524288               files     \n");
  }

  public FakeMachine with(String name, String value) {
    environment.add(OsString.of(name + "=" + value));
    return this;
  }

  /** What a program says when it is called with exactly these words. */
  public FakeMachine says(String words, String output) {
    answers.put(words, new Programs.Answer(0, output, ""));
    return this;
  }

  public FakeMachine fails(String words, String errors) {
    answers.put(words, new Programs.Answer(1, "", errors));
    return this;
  }

  /** The words of every program that was called, after the environment that it got. */
  public List<String> asked() {
    return asked;
  }

  private Programs.Answer ask(List<String> argv, Map<String, String> variables) throws IOException {
    String words = String.join(" ", argv);
    asked.add((variables.isEmpty() ? "" : variables + " ") + words);
    Programs.Answer answer = answers.get(words);
    if (answer == null) {
      throw new IOException("there is no " + words);
    }
    return answer;
  }

  public ExaminedMachine machine() {
    return machine(GuardConfig.defaults());
  }

  public ExaminedMachine machine(GuardConfig config) {
    return new ExaminedMachine(
        os(),
        new Procfs(root.resolve("proc")),
        new Cgroupfs(root),
        root,
        this::ask,
        config,
        new Environment(environment));
  }

  /** One that knows who asks, and does nothing. */
  private Os os() {
    Map<String, Integer> known = Map.of("userId", user, "pid", SELF);
    return (Os)
        Proxy.newProxyInstance(
            Os.class.getClassLoader(),
            new Class<?>[] {Os.class},
            (proxy, method, arguments) -> {
              if (!known.containsKey(method.getName())) {
                throw new UnsupportedOperationException(method.getName());
              }
              return known.get(method.getName());
            });
  }
}
