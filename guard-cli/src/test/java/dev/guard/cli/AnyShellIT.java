package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Runs guard on hosts on which /bin/sh is another shell, in a mount namespace of their own. Needs
 * root.
 */
@Needs({"unshare", "bash", "busybox"})
@ExtendWith(NothingLeft.class)
class AnyShellIT {
  private static final String AS_SH =
      "mount --bind \"$(command -v \"$0\")\" \"$(readlink -f /bin/sh)\" && exec \"$@\"";

  @TempDir private Path directory;

  private GuardProcess on(String shell, GuardProcess process) {
    return process.in(directory).through("unshare", "-m", "bash", "-c", AS_SH, shell);
  }

  @ParameterizedTest
  @ValueSource(strings = {"bash", "busybox"})
  void theLifelineEndsTheTree(String shell) {
    String script = "setsid sleep 300 & echo >ran; sleep 300";
    Running guard = on(shell, GuardProcess.exec("--", "sh", "-c", script)).start();
    Polling.until("it runs", () -> Files.exists(directory.resolve("ran")));
    guard.signal("KILL");
    guard.await();
    NothingLeft.awaitNoProcess();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SHELLOPTS=onecmd",
        "SHELLOPTS=noexec",
        "SHELLOPTS=verbose:xtrace:noglob:errexit:nounset:keyword",
        "GLOBIGNORE=*",
        "FUNCNEST=1",
        "BASH_FUNC_read%%=() { echo evil; }",
        "BASH_FUNC_command%%=() { echo evil; }"
      })
  void theWrapperDoesNotDoWhatTheEnvironmentTellsBash(String entry) {
    Finished f = on("bash", GuardProcess.exec("--", "/usr/bin/env").through("env", entry)).run();
    assertThat(f.errors()).isEmpty();
    assertThat(f.exit()).isZero();
    assertThat(f.lines()).contains(entry).noneMatch(line -> line.startsWith("_guard"));
    assertThat(f.output()).doesNotContain("evil\n");
  }
}
