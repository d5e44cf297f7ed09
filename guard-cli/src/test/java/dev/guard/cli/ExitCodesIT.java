package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Shows that the exit status is the command's own, or says what kept the command from having one.
 */
@ExtendWith(NothingLeft.class)
class ExitCodesIT {
  // Those whose default is to end a process, without 32 and 33, which the C library keeps.
  private static final List<Integer> DEADLY =
      Stream.of(
              IntStream.rangeClosed(1, 16),
              IntStream.rangeClosed(24, 27),
              IntStream.rangeClosed(29, 31),
              IntStream.of(34, 49, 64))
          .flatMap(IntStream::boxed)
          .toList();

  @TempDir private Path directory;

  @Test
  void everyExitStatusPasses() {
    List<Integer> all = IntStream.rangeClosed(0, 255).boxed().toList();
    Map<Integer, Integer> got =
        Parallel.map(all, n -> GuardProcess.exec("--", "sh", "-c", "exit " + n).run().exit());
    got.entrySet().removeIf(e -> e.getKey().equals(e.getValue()));
    assertThat(got).as("exit N that came out as another").isEmpty();
  }

  @Test
  void guardDiesOfTheSignalThatEndedTheCommand() {
    // Perl itself ignores SIGFPE.
    String caller =
        "perl -e '$SIG{FPE} = \"DEFAULT\"; system @ARGV; printf \"%d %d\", $? & 127, $? >> 8' \\\n"
            + " \"$GUARD\" exec -- perl -e '$SIG{FPE} = \"DEFAULT\"; kill $ARGV[0], $$; sleep 9' $1";
    Map<Integer, String> expected = new LinkedHashMap<>();
    DEADLY.forEach(n -> expected.put(n, n + " 0"));
    assertThat(Parallel.map(DEADLY, n -> GuardProcess.script(caller, "" + n).run().output()))
        .as("signal and exit status of guard as waitpid(2) has them")
        .containsExactlyEntriesOf(expected);
  }

  @Test
  void aShellSees128AndTheSignal() {
    Finished f =
        GuardProcess.script("\"$GUARD\" exec -- sh -c 'kill -TERM $$'; echo $?; exit 0").run();
    assertThat(f.lines()).containsExactly("143");
  }

  @Test
  void aMissingCommandIs127() {
    for (String name : List.of("no-such-command-anywhere", "/no/such/command", "./no-such", "")) {
      Finished f = GuardProcess.exec("--", name, "argument").run();
      assertThat(f.exit()).as(name).isEqualTo(127);
      assertThat(f.errors()).isEqualTo("guard: " + name + ": command not found\n");
    }
  }

  @Test
  void whatCanNotBeExecutedIs126() throws IOException {
    Path plain = Files.writeString(directory.resolve("plain"), "echo ran\n");
    for (String name : List.of(directory.toString(), plain.toString())) {
      Finished f = GuardProcess.exec("--", name).run();
      assertThat(f.exit()).as(name).isEqualTo(126);
      assertThat(f.output()).isEmpty();
      assertThat(f.errors()).isEqualTo("guard: " + name + ": permission denied, or a directory\n");
    }
    Finished onPath = GuardProcess.exec("--", "plain").with("PATH", directory + ":/bin").run();
    assertThat(onPath.exit()).isEqualTo(126);
  }

  @Test
  void aScriptWithoutInterpreterLineIsTheShells() throws IOException {
    Path script = GuardProcess.program(directory.resolve("script"), "echo \"$0:$1:$2\"; exit 7\n");
    Finished byPath = GuardProcess.exec("--", script.toString(), "a b", "").run();
    assertThat(byPath.output()).isEqualTo(script + ":a b:\n");
    assertThat(byPath.exit()).isEqualTo(7);
    String path = directory + ":" + System.getenv("PATH");
    Finished onPath = GuardProcess.exec("--", "script", "x").with("PATH", path).run();
    assertThat(onPath.output()).isEqualTo(script + ":x:\n");
  }

  @Test
  void anInterpreterThatIsMissingIsAsUnderTimeout() throws IOException {
    String script =
        GuardProcess.program(directory.resolve("bad"), "#!/no/such/interpreter\n").toString();
    Finished reference = GuardProcess.script("timeout 9 " + script).run();
    assertThat(GuardProcess.exec("--", script).run().exit())
        .isEqualTo(reference.exit())
        .isEqualTo(127);
  }

  @Test
  void eachKindOfGuardsOwnFailureIs125() {
    for (String option : List.of("--no-such-option", "--timeout=soon", "--directory=/no/such")) {
      Finished f = GuardProcess.exec(option, "--", "echo", "ran").run();
      assertThat(f.exit()).as(option).isEqualTo(125);
      assertThat(f.output()).isEmpty();
      assertThat(f.errors()).startsWith("guard: ");
    }
  }

  @Test
  void everyOtherReasonNotToExecuteIsAsUnderTimeout() throws IOException {
    Path loop = directory.resolve("loop");
    Files.createSymbolicLink(loop, loop);
    Map<String, String> reasons =
        Map.of(
            loop.toString(),
            "can not be executed: Too many levels of symbolic links",
            "/etc/passwd/program",
            "not found, a part of its path is no directory",
            "x".repeat(300),
            "can not be executed: File name too long",
            "/" + "x".repeat(5000),
            "can not be executed: File name too long");
    reasons.forEach(
        (name, why) -> {
          Finished reference = GuardProcess.script("timeout 9 \"$1\"", name).run();
          Finished f = GuardProcess.exec("--", name).run();
          assertThat(f.exit()).as(why).isEqualTo(reference.exit()).isEqualTo(126);
          assertThat(f.errors()).isEqualTo("guard: " + name + ": " + why + "\n");
        });
    for (String path : List.of("/etc/passwd", "/etc/passwd:/bin", loop + ":/bin")) {
      Finished reference =
          GuardProcess.script("exec env PATH=\"$1\" /usr/bin/timeout 9 no-such", path).run();
      assertThat(GuardProcess.exec("--", "no-such").with("PATH", path).run().exit())
          .as(path)
          .isEqualTo(reference.exit());
    }
  }
}
