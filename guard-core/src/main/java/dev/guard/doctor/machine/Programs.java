package dev.guard.doctor.machine;

import dev.guard.os.Os;
import dev.guard.os.OsString;
import dev.guard.os.ProgramResult;
import dev.guard.os.ProgramRunner;
import dev.guard.os.StartedProgram;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Asks other programs, such as systemctl, for facts that only they know. */
@FunctionalInterface
public interface Programs {
  /**
   * Runs a program that only answers.
   *
   * @param argv the words
   * @param environment the whole environment, but for PATH and a locale
   * @throws IOException when the program is not there, or gives no answer in time
   */
  Answer ask(List<String> argv, Map<String, String> environment) throws IOException;

  /**
   * Holds the answer of a program.
   *
   * @param status the program's exit status
   * @param output the program's standard output
   * @param errors the program's standard error
   */
  record Answer(int status, String output, String errors) {}

  /**
   * Makes the asker of this machine's programs.
   *
   * @param path the directories where programs are looked for, see PATH in environ(7)
   */
  static Programs system(Os os, Optional<OsString> path) {
    String directories = path.map(OsString::toString).orElse("/bin:/usr/bin");
    return (argv, environment) -> run(os, directories, argv, environment);
  }

  private static Answer run(
      Os os, String directories, List<String> argv, Map<String, String> environment)
      throws IOException {
    List<OsString> words = new ArrayList<>(List.of(find(os, directories, argv.get(0))));
    argv.stream().skip(1).map(OsString::of).forEach(words::add);
    Map<String, String> all = new TreeMap<>();
    all.put("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    all.put("LC_ALL", "C.UTF-8");
    all.putAll(environment);
    List<OsString> entries =
        all.entrySet().stream().map(e -> OsString.of(e.getKey() + "=" + e.getValue())).toList();
    try (StartedProgram program = StartedProgram.start(os, words, entries, 0)) {
      Duration patience = Duration.ofMillis(Patience.MILLIS);
      ProgramResult result = ProgramRunner.finish(os, program, OsString.of(argv.get(0)), patience);
      return new Answer(result.status(), result.output(), result.errors().strip());
    }
  }

  private static OsString find(Os os, String directories, String name) throws IOException {
    if (name.contains("/")) {
      return OsString.of(name);
    }
    for (String directory : directories.split(":", -1)) {
      OsString program = OsString.of(directory + "/" + name);
      if (!directory.isEmpty() && os.executable(program) == 0) {
        return program;
      }
    }
    throw new IOException("Cannot run program \"" + name + "\": it is not in PATH");
  }

  /** Says how long an answer may take. */
  final class Patience {
    // On a slow machine systemctl itself takes some of this time.
    static final long MILLIS = 10_000;

    private Patience() {}
  }
}
