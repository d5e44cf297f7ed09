package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Runs the real Bash with {@code share/guard/bash-env.sh} as BASH_ENV. */
@Needs("bash")
@ExtendWith(NothingLeft.class)
class BashEnvIT {
  private static final Path FILE = GuardProcess.FOLDER.resolve("share/guard/bash-env.sh");

  // All that a shell has, but for what each shell has of its own.
  private static final String TELL =
      "printf '<%s>' \"$0\" \"$@\"; echo \"$- $SHELLOPTS $BASHOPTS\"; shopt login_shell; declare -F;"
          + " (IFS=; declare -p) | grep -v 'BASH_ARG\\|BASHPID\\|PPID\\|SECONDS\\|RANDOM\\|EPOCH\\|GUARD_\\|LINENO';"
          + " env | grep -v GUARD_ | sort; cat; echo err >&2; exit 7";

  private static final List<String> CALLS =
      List.of(
          "bash -c \"$TELL\"",
          "bash -c \"$TELL\" zero 'a  b' '' '*' '\u00e4\u00ff' $'\\n'",
          "bash -aefuc \"$TELL\" zero",
          "bash -xc 'set -- one; : \"$1\"; exit 4' zero",
          "bash +hBc \"$TELL\" zero",
          "bash -o pipefail -o history +O promptvars -O extglob -O nullglob -c \"$TELL\" zero",
          "bash -lc \"$TELL\" zero",
          "bash -c -- '-no-command'",
          "bash -nc 'echo none'",
          "bash -rc 'cd /' zero",
          "bash -kc 'env a=1 printenv b=2 b' zero",
          "bash -c 'exit 0'");

  @TempDir private Path directory;

  @BeforeEach
  void input() throws IOException {
    Files.writeString(directory.resolve("input"), "its input\n");
  }

  private Finished run(String text, Path file) {
    return GuardProcess.bash("exec env BASH_ENV='" + file + "' " + text)
        .in(directory)
        .with("HOME", directory.toString())
        .with("TELL", TELL)
        .with("GUARD_RATE_LIMIT", "0")
        .reading(directory.resolve("input"))
        .run();
  }

  private static String told(Finished f) {
    return f.exit() + "\n" + f.output() + "\n" + f.errors();
  }

  @Test
  void everyCallIsAsWithAnEmptyFile() throws IOException {
    Path empty = Files.writeString(directory.resolve("empty"), "");
    Map<String, Finished> real = Parallel.map(CALLS, call -> run(call, empty));
    Map<String, Finished> guarded = Parallel.map(CALLS, call -> run(call, FILE));
    assertThat(CALLS)
        .allSatisfy(
            call ->
                assertThat(told(guarded.get(call)).replace(FILE.toString(), empty.toString()))
                    .isEqualTo(told(real.get(call))));
  }

  @Test
  void itIsGuardedOnceAndInnerShellsAreBare() {
    String ids = "echo $GUARD_SHELL $GUARD_ID";
    Finished f = run("bash -c '" + ids + "; bash -c \"" + ids.replace("$", "\\$") + "\"'", FILE);
    assertThat(f.lines()).as(f.errors()).hasSize(2);
    assertThat(f.lines().get(0)).matches("([0-9a-f]{16}) \\1").isEqualTo(f.lines().get(1));
  }

  @Test
  void onlyACommandIsGuarded() throws IOException {
    Files.writeString(directory.resolve("file"), "echo \"$GUARD_SHELL$GUARD_ID$-\"; declare -F\n");
    for (String call : List.of("bash ./file", "bash <./file", "bash -s <./file")) {
      Finished f = run(call, FILE);
      assertThat(f.output()).as(call).matches("hBs?\n");
      assertThat(f.errors()).isEmpty();
    }
  }

  @Test
  void withoutAGuardTheShellGoesOnAndNothingIsSaid() throws IOException {
    Path alone = Files.copy(FILE, directory.resolve("bash-env.sh"));
    Path folder = Files.createDirectories(directory.resolve("of/share/guard"));
    Path beside = Files.copy(FILE, folder.resolve("bash-env.sh"));
    Path bash = directory.resolve("of/libexec/guard/bash");
    Files.createDirectories(bash.getParent());
    for (Path file : List.of(alone, beside)) {
      Finished f = run("bash -euc 'echo $- ${GUARD_ID-none}; shopt execfail || exit 5'", file);
      assertThat(f.output()).isEqualTo("ehuBc none\nexecfail       \toff\n");
      assertThat(f.errors()).isEmpty();
      assertThat(f.exit()).isEqualTo(5);
    }
    GuardProcess.program(bash, "#!/no/such/program\n");
    Finished f = run("bash -c 'echo ${GUARD_ID-none}; declare -F; shopt execfail'", beside);
    assertThat(f.output()).isEqualTo("none\nexecfail       \toff\n");
  }
}
