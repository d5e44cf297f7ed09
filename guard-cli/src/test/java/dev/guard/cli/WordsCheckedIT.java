package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Shows that all words of a call are checked before anything is done: a wrong one gives 125 and one
 * line that names it, nothing is ended, nothing is run, nothing is made.
 */
@ExtendWith({NothingLeft.class, Detached.Removed.class})
class WordsCheckedIT {
  private static final String NAME = "words-" + ProcessHandle.current().pid();

  /** The word that is wrong, or what is said of it, then the call; NAME is a command that lives. */
  private static final List<List<String>> CALLS =
      List.of(
          // what ends
          List.of("\"-9\"", "kill -9 NAME"),
          List.of("\"-9\"", "kill NAME -9"),
          List.of("\"-15\"", "stop -- NAME -15"),
          List.of("\"-9\"", "rm -f -9 NAME"),
          List.of("\"@file\"", "stop @file"),
          List.of("\"\"", "kill ''"),
          List.of("no-such", "kill NAME no-such"),
          List.of("no-such", "stop no-such NAME"),
          List.of("lives", "rm NAME"),
          List.of("--grace", "kill --grace 1 NAME"),
          List.of("soon", "stop --grace soon NAME"),
          List.of("--grace", "stop --grace 1 --grace 2 NAME"),
          List.of("COMMAND", "stop"),
          List.of("--user", "reap --user"),
          List.of("--user", "reap --dry-run --user"),
          List.of("--dry-run", "reap --dry-run --install-timer"),
          List.of("-9", "session stop -9"),
          List.of("no session", "session stop NAME-none"),
          List.of("is a command and no session", "session stop NAME"),
          // what lists and waits
          List.of("no-such", "wait NAME no-such"),
          List.of("\"-9\"", "logs -9"),
          List.of("other", "logs NAME other"),
          List.of("NAME", "ps NAME"),
          List.of("nope", "history --cause nope"),
          List.of("soon", "history --since soon"),
          List.of("a/b", "history --budget a/b"),
          List.of("--until", "history --since 1h --until 2h"),
          List.of("two", "session status one two"),
          List.of("--pid", "doctor --pid 1 headroom"),
          List.of("--pid", "doctor --pid 1 namespaces headroom"),
          List.of("made/", "config init made/"),
          List.of("zsh", "completion zsh"),
          List.of("nothing", "nothing"),
          List.of("a?b", "stop a\nb"),
          List.of("a?b", "session status a\nb"),
          // what runs
          List.of("a?[31mb", "exec --name a\u001b[31mb -- touch made"),
          List.of("--a?b", "exec --a\nb -- touch made"),
          List.of("--wait=5", "exec --wait 5 -- touch made"),
          List.of("--wait=1.5", "exec --wait 1.5 touch made"),
          List.of("--wait=", "exec --wait= -- touch made"),
          List.of("--report", "exec --report -- touch made"),
          List.of("--name", "exec --name --verbose -- touch made"),
          List.of("--timeout", "exec --timeout -- touch made"),
          List.of("--verbose", "exec --verbose=1 -- touch made"),
          List.of("--preserve-status", "exec --detach --preserve-status -- touch made"),
          List.of("no command", "exec --"),
          List.of("no name", "session start -- touch made"),
          List.of("no name", "session start touch touch made"),
          List.of("no name", "session start NAME touch made"),
          List.of("no name", "session start NAME --"),
          List.of("--wait", "session start NAME --wait -- touch made"),
          List.of("--config", "session start NAME --config -- touch made"));

  @TempDir private Path directory;

  private Finished call(String call) {
    String[] words =
        Arrays.stream(call.split(" ", -1))
            .map(w -> w.equals("''") ? "" : w.replace("NAME", NAME))
            .toArray(String[]::new);
    return GuardProcess.of(words).in(directory).run();
  }

  private static String wrong(Finished f, String about) {
    boolean one = f.errors().matches("guard: [^\n]+\n") && f.errors().contains(about);
    return f.exit() == 125 && f.output().isEmpty() && one
        ? ""
        : f.exit() + " " + f.output() + f.errors();
  }

  @Test
  void aWrongWordIsNamedAndNothingIsDone() throws Exception {
    Files.writeString(directory.resolve("file"), NAME + "\n");
    Detached d = Detached.start("--name", NAME, "--timeout", "0", "--", "sleep", "300");
    Map<List<String>, String> wrong = new LinkedHashMap<>();
    Parallel.map(CALLS, c -> wrong(call(c.get(1)), c.get(0).replace("NAME", NAME)))
        .forEach((c, w) -> wrong.put(c, w));
    wrong.values().removeIf(String::isEmpty);
    assertThat(wrong).isEmpty();
    assertThat(d.state()).isEqualTo("running");
    try (var left = Files.list(directory)) {
      assertThat(left).containsExactly(directory.resolve("file"));
    }
  }

  @Test
  void aNewlineInTheNameOfAProgramBreaksNoLine() {
    Finished f = GuardProcess.exec("--", "no\nsuch\u001b[31m").run();
    assertThat(f.exit()).isEqualTo(127);
    assertThat(f.errors()).matches("guard: no\\?such\\?\\[31m: [^\\p{Cntrl}]+\n");
  }
}
