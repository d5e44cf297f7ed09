package dev.guard.cli.doctor.agent;

import dev.guard.os.Kernel;
import dev.guard.os.OsException;
import dev.guard.os.OsString;
import dev.guard.os.ProgramResult;
import dev.guard.os.ProgramRunner;
import dev.guard.os.Signals;
import dev.guard.os.StartedProgram;
import dev.guard.value.Environment;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Runs an agent once without a terminal, in a temporary home, and finds what it has left behind.
 *
 * @param environment of the user, of which the agent gets what is not the user's alone
 * @param mark a text that no other process has in its environment
 */
record AgentRun(Kernel kernel, Environment environment, TemporaryHome home, String mark) {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String MARK = "_guard_doctor";

  /** What a user's shell gives to an agent, and does not lead to files or keys of the user's. */
  private static final List<String> PASSED =
      List.of(
          "PATH",
          "LANG",
          "USER",
          "LOGNAME",
          "SHELL",
          "BASH_ENV",
          "JAVA_HOME",
          "XDG_RUNTIME_DIR",
          "DBUS_SESSION_BUS_ADDRESS",
          "CLAUDE_CODE_SHELL",
          "CLAUDE_CODE_SHELL_PREFIX");

  /** What a guarded command has that guard was called in. */
  private static final List<String> OF_A_COMMAND = List.of("GUARD_ID", "GUARD_SHELL");

  /**
   * Runs a program to its end.
   *
   * @param variables that it gets beside
   * @throws IOException when it can not be started, or is not over in time
   */
  ProgramResult run(Path program, List<String> words, Map<String, String> variables)
      throws IOException {
    List<OsString> argv =
        new ArrayList<>(
            List.of(
                OsString.of("/bin/sh"),
                OsString.of("-c"),
                OsString.of("cd \"$0\" && exec \"$@\""),
                OsString.of(home.project().toString()),
                OsString.of(program.toString())));
    words.forEach(w -> argv.add(OsString.of(w)));
    try (StartedProgram started = StartedProgram.start(kernel.os(), argv, entries(variables), 0)) {
      return ProgramRunner.finish(kernel.os(), started, OsString.of(program.toString()), PATIENCE);
    }
  }

  private List<OsString> entries(Map<String, String> variables) {
    Environment made = new Environment(List.of());
    List<String> names = new ArrayList<>(PASSED);
    names.addAll(environment.namesStartingWith("LC_"));
    names.addAll(environment.namesStartingWith("GUARD_"));
    names.removeAll(OF_A_COMMAND);
    for (String name : names) {
      Optional<OsString> value = environment.get(name);
      if (value.isPresent()) {
        made = made.with(name, value.get());
      }
    }
    Map<String, String> own =
        Map.of(
            "HOME",
            home.path().toString(),
            "TMPDIR",
            home.temporary().toString(),
            "TERM",
            "dumb",
            MARK,
            mark,
            "NO_UPDATE_NOTIFIER",
            "1",
            "DO_NOT_TRACK",
            "1");
    for (Map<String, String> all : List.of(own, variables)) {
      for (Map.Entry<String, String> entry : all.entrySet()) {
        made = made.with(entry.getKey(), OsString.of(entry.getValue()));
      }
    }
    return made.entries();
  }

  /**
   * Lists the processes with these words that live.
   *
   * @param words of a command that nobody else calls
   */
  List<Integer> living(List<String> words) throws IOException {
    List<OsString> wanted = words.stream().map(OsString::of).toList();
    List<Integer> found = new ArrayList<>();
    for (int pid : kernel.procfs().pids()) {
      if (kernel.procfs().arguments(pid).filter(wanted::equals).isPresent()) {
        found.add(pid);
      }
    }
    return found;
  }

  /** Kills what has come from any run of this mark, or has one of these words. */
  void killAll(List<List<String>> words) throws IOException {
    OsString entry = OsString.of(MARK + "=" + mark);
    List<Integer> found = new ArrayList<>();
    for (int pid : kernel.procfs().pids()) {
      if (environmentOf(pid).contains(entry)) {
        found.add(pid);
      }
    }
    for (List<String> each : words) {
      found.addAll(living(each));
    }
    for (int pid : found) {
      try {
        kernel.os().kill(pid, Signals.KILL);
      } catch (OsException e) {
        // It has ended by itself.
        continue;
      }
    }
  }

  private List<OsString> environmentOf(int pid) {
    try {
      return kernel.procfs().environment(pid).orElse(List.of());
    } catch (IOException e) {
      // It is another user's.
      return List.of();
    }
  }
}
