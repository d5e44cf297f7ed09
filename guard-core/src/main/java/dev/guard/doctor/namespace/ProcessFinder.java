package dev.guard.doctor.namespace;

import dev.guard.cgroup.CommandCgroups;
import dev.guard.doctor.machine.SystemdUnit;
import dev.guard.os.OsString;
import dev.guard.os.ProcessStatus;
import dev.guard.os.Procfs;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Finds the processes that the doctor looks at. */
final class ProcessFinder {
  private static final String SESSION = "tmux: server";
  private static final Optional<String> SESSION_KIND = Optional.of("session");
  private static final Optional<String> GUARDED = Optional.of("guarded");
  private static final Optional<String> GIVEN = Optional.of(ExaminedProcess.GIVEN);
  private static final Pattern CONTAINER =
      Pattern.compile(
          "/(docker|libpod|lxc|kubepods|libpod_parent|lxc\\.payload[^/]*|kubepods[^/]*\\.slice"
              + "|(docker|libpod|crio|cri-containerd)-[0-9a-f]{64}\\.scope"
              + "|snap\\.[^/]+\\.(scope|service))(/|$)");
  private static final int SHOWN = 60;

  private final Procfs procfs;
  private final int self;
  private final Map<Integer, IOException> unreadable = new HashMap<>();

  /**
   * Makes the search among these processes.
   *
   * @param self the user who looks: root sees those of all users, others their own
   */
  ProcessFinder(Procfs procfs, int self) {
    this.procfs = procfs;
    this.self = self;
  }

  /** Answers the processes of this user that could not be read. */
  Map<Integer, IOException> unreadable() {
    return unreadable;
  }

  /** Answers these processes, whosever they are. */
  List<ExaminedProcess> given(List<Integer> pids) {
    List<ExaminedProcess> examined = new ArrayList<>();
    for (int pid : new TreeSet<>(pids)) {
      status(pid, true)
          .ifPresent(
              s -> {
                Optional<ProcessStatus> parent = status(s.parent(), false);
                boolean session =
                    isSession(s) || parent.filter(ProcessFinder::isSession).isPresent();
                add(pid, s, session ? SESSION_KIND : Optional.empty(), GIVEN, examined);
              });
    }
    return examined;
  }

  /**
   * Finds agents, servers of tmux with the first processes of their panes, and guarded processes.
   *
   * @param guarded the processes that records of guard lead to
   */
  List<ExaminedProcess> found(Set<Integer> guarded) throws IOException {
    Map<Integer, ProcessStatus> all = new HashMap<>();
    for (int pid : procfs.pids()) {
      status(pid, false).ifPresent(s -> all.put(pid, s));
    }
    List<ExaminedProcess> examined = new ArrayList<>();
    for (int pid : new TreeSet<>(all.keySet())) {
      ProcessStatus s = all.get(pid);
      ProcessStatus parent = all.get(s.parent());
      Optional<String> why =
          isSession(s) || (parent != null && isSession(parent))
              ? SESSION_KIND
              : guarded.contains(pid) ? GUARDED : Optional.empty();
      add(pid, s, why, Optional.empty(), examined);
    }
    return examined;
  }

  private static boolean isSession(ProcessStatus s) {
    return s.name().equals(SESSION);
  }

  /**
   * Answers the status of a process; empty when it has ended, or is another user's and only this
   * user's are wanted.
   */
  private Optional<ProcessStatus> status(int pid, boolean anybodys) {
    try {
      return procfs
          .status(pid)
          .filter(s -> !s.ended() && (anybodys || self == 0 || s.user() == self));
    } catch (IOException e) {
      // A proc file system with hidepid= shows that others' processes are there, and no more.
      if (anybodys || self == 0 || procfs.owner(pid) == self) {
        unreadable.put(pid, e);
      }
      return Optional.empty();
    }
  }

  private void add(
      int pid,
      ProcessStatus s,
      Optional<String> known,
      Optional<String> otherwise,
      List<ExaminedProcess> into) {
    try {
      List<OsString> arguments = procfs.arguments(pid).orElse(List.of());
      Optional<String> agent = Agents.name(s.name(), arguments).map(name -> "agent " + name);
      String cgroup = procfs.text(pid, "cgroup").orElse("");
      Optional<String> guarded = CommandCgroups.isInOne(cgroup) ? GUARDED : Optional.empty();
      Optional<String> why = agent.or(() -> known).or(() -> guarded).or(() -> otherwise);
      if (why.isPresent()) {
        boolean contained =
            s.pidNamespaces() > 1 || cgroup.lines().anyMatch(l -> CONTAINER.matcher(l).find());
        into.add(
            new ExaminedProcess(
                pid,
                s.user(),
                why.get(),
                command(s.name(), arguments),
                path(cgroup),
                SystemdUnit.ofProcess(cgroup),
                contained));
      }
    } catch (IOException e) {
      unreadable.put(pid, e);
    }
  }

  /** Answers the path in the hierarchy that systemd uses, or else in v2. */
  private static String path(String membership) {
    List<String> lines = membership.lines().toList();
    return Stream.of("[0-9]+:name=systemd:", "0::")
        .flatMap(h -> lines.stream().filter(l -> l.matches(h + ".*")).map(l -> l.split(":", 3)[2]))
        .findFirst()
        .orElse("");
  }

  private static String command(String name, List<OsString> arguments) {
    String words =
        arguments.stream().map(OsString::toString).collect(Collectors.joining(" ")).strip();
    String command = words.isEmpty() ? "[" + name + "]" : words;
    return command.length() > SHOWN ? command.substring(0, SHOWN) + "..." : command;
  }
}
