package dev.guard.systemd;

import dev.guard.os.Os;
import dev.guard.os.OsString;
import dev.guard.os.ProgramResult;
import dev.guard.os.ProgramRunner;
import dev.guard.os.WaitStatus;
import dev.guard.value.Environment;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Describes a transient scope of systemd that something is to be started in. Below the scope is
 * room for commands, where there is none in the cgroup that Guard itself is in.
 *
 * @param unit the scope's name, with .scope
 * @param argv the words before the lifeline's own that start it in the scope; the first one is a
 *     path
 * @param environment the variables that the words need, entries NAME=VALUE
 * @param user whether the scope is the user's own manager's, not the system's
 */
public record Scope(String unit, List<String> argv, Map<String, String> environment, boolean user) {
  // busctl itself takes seconds where 20 commands start at once on one slow processor, and without
  // it the command does not run.
  private static final Duration ATTACH_PATIENCE = Duration.ofSeconds(30);
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(5);
  // The exit status of systemctl for a unit that does not exist, see systemctl(1).
  private static final int NOT_LOADED = 5;

  /** Answers the scope's words, as the kernel takes them. */
  public List<OsString> words() {
    return argv.stream().map(OsString::of).toList();
  }

  /** Answers the scope's environment, as the kernel takes it. */
  public List<OsString> entries() {
    return environment.entrySet().stream()
        .map(e -> OsString.of(e.getKey() + "=" + e.getValue()))
        .toList();
  }

  /**
   * Adds to a caller's environment the variables that {@link #words} need and it lacks. LC_ALL is
   * not one of them: it would go on to the program that is started in the scope.
   */
  public List<OsString> addedTo(List<OsString> callers) {
    Environment all = new Environment(callers);
    for (Map.Entry<String, String> entry : environment.entrySet()) {
      boolean missing = all.get(entry.getKey()).isEmpty() && !entry.getKey().equals("LC_ALL");
      all = missing ? all.with(entry.getKey(), OsString.of(entry.getValue())) : all;
    }
    return all.entries();
  }

  /**
   * Puts the variables that {@link #words} need into a caller's environment, in the place of those
   * it has.
   */
  public List<OsString> putInto(List<OsString> callers) {
    return addedTo(
        new Environment(callers).without(environment.keySet().toArray(String[]::new)).entries());
  }

  /**
   * Has the manager move a process to a cgroup below the scope's, with AttachProcessesToUnit of
   * org.freedesktop.systemd1(5), which is there for that.
   *
   * @param cgroup relative to the scope's, with a slash before it
   * @throws IOException when the manager says that it did not; where nobody knows how the program
   *     has ended there is no exception, so look where the process is
   */
  public void attach(Os os, int pid, Path cgroup) throws IOException {
    List<OsString> words = new ArrayList<>();
    for (String word :
        List.of(
            "/usr/bin/busctl",
            user ? "--user" : "--system",
            "--quiet",
            "call",
            "org.freedesktop.systemd1",
            "/org/freedesktop/systemd1",
            "org.freedesktop.systemd1.Manager",
            "AttachProcessesToUnit",
            "ssau",
            unit,
            cgroup.toString(),
            "1",
            Integer.toString(pid))) {
      words.add(OsString.of(word));
    }
    ProgramResult ended = ProgramRunner.run(os, words, entries(), ATTACH_PATIENCE);
    if (ended.status() != 0 && ended.status() != WaitStatus.UNKNOWN.shellStatus()) {
      throw new IOException(
          "systemd did not move process "
              + pid
              + " to "
              + unit
              + cgroup
              + ": "
              + (ended.output() + ended.errors()).strip());
    }
  }

  /**
   * Has the manager stop the scope, for a caller that has killed the process that was to be in it,
   * and has waited for it. A scope is over with its last process. But the kernel takes the pid of a
   * zombie for cgroup.procs and moves nothing, and a manager that does this just then has an empty
   * scope, which it shows as running for ever (systemd 252). After the wait it finds no process and
   * refuses.
   *
   * @return to be added to a message: nothing, or after a semicolon, why it may be there still
   */
  public String giveUp(Os os) {
    String problem;
    try {
      ProgramResult ended = systemctl(os, STOP_PATIENCE, "stop", unit);
      if (ended.status() == 0 || ended.status() == NOT_LOADED) {
        return "";
      }
      problem = ended.errors().strip();
    } catch (IOException e) {
      problem = e.getMessage();
    }
    return "; " + unit + " may be left: " + problem;
  }

  /** Runs systemctl for the scope's manager. */
  public ProgramResult systemctl(Os os, Duration patience, String... words) throws IOException {
    List<OsString> argv = new ArrayList<>(List.of(OsString.of("/usr/bin/systemctl")));
    argv.add(OsString.of(user ? "--user" : "--system"));
    for (String word : words) {
      argv.add(OsString.of(word));
    }
    return ProgramRunner.run(os, argv, entries(), patience);
  }
}
