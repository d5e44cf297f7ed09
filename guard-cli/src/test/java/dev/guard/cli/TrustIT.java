package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.cli.ConfigFixture.ScriptOutput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Calls {@code guard trust} as it is packaged, in a project with the settings that claudex
 * documents.
 */
@ExtendWith(NothingLeft.class)
class TrustIT {
  private static final String FILE = ".claudex/config.toml";

  @TempDir Path temporary;
  private Path folder;
  private ConfigFixture scene;

  @BeforeEach
  void aProject() throws IOException {
    folder = temporary.toRealPath();
    scene =
        new ConfigFixture(folder)
            .file(
                "app/" + FILE,
                "[features.process_protection]",
                "max_processes = 100",
                "rate_limit_per_second = 10",
                "timeout_seconds = 600");
  }

  private ScriptOutput inProject(String script) {
    return scene.run("cd app && " + script, "XDG_STATE_HOME", folder + "/state");
  }

  @Test
  void whatLoosensIsOneLineUntilItIsTrusted() {
    ScriptOutput before = inProject("guard exec -- echo ran");
    assertThat(before.status()).isZero();
    assertThat(before.output()).containsExactly("ran");
    assertThat(before.errors())
        .containsExactly(
            "guard: "
                + folder
                + "/app/"
                + FILE
                + ": not taken, since a project's file may only tighten:"
                + " limits.max_processes = 100, looser than 32 (built-in);"
                + " limits.rate_limit_per_second = 10, looser than 5 (built-in);"
                + " limits.timeout_seconds = 600, looser than 300 (built-in);"
                + " to have its values, read it, then: guard trust "
                + folder
                + "/app");
    ScriptOutput trusted = inProject("mkdir -p src && guard trust src && guard trust --list");
    assertThat(trusted.errors()).isEmpty();
    assertThat(trusted.output())
        .containsExactly(
            "trusted: " + folder + "/app/" + FILE, "trusted  " + folder + "/app/" + FILE);
    ScriptOutput after = inProject("guard config show");
    assertThat(after.errors()).isEmpty();
    assertThat(after.output())
        .anyMatch(l -> l.matches("limits.timeout_seconds +600 +.*/config.toml:4 \\(trusted\\)"));
    ScriptOutput undone =
        inProject("guard trust --undo . && guard trust --undo; guard trust --list");
    assertThat(undone.output()).containsExactly("not trusted any more: " + folder + "/app/" + FILE);
    assertThat(undone.errors()).singleElement().asString().contains("is trusted; see");
  }

  @Test
  void itIsNotGivenFromInside() {
    ScriptOutput inside =
        inProject("guard exec -- env -i PATH=\"$PATH\" HOME=/ setsid -w \"$GUARD\" trust");
    assertRefused(inside, "this process is in the cgroup of one");
  }

  /** Where no cgroup tells of it, and no variable. */
  @Test
  void norByWhoHasLostHisParent() {
    String orphan =
        "((env -i PATH=\"$PATH\" HOME=/ XDG_RUNTIME_DIR=/nowhere setsid \"$GUARD\" trust 2>said;"
            + " echo $? >status) &); until [ -s status ]; do sleep 0.1; done";
    Finished run =
        GuardProcess.exec("--timeout", "60", "--", "sh", "-c", orphan)
            .withoutCgroups()
            .in(folder.resolve("app"))
            .run();
    assertThat(run.exit()).as(run.errors()).isZero();
    Path status = folder.resolve("app/status");
    assertThat(MachineRemains.text(status)).isEqualTo("125\n");
    assertThat(MachineRemains.text(folder.resolve("app/said")))
        .contains("not from inside a guarded command (it descends from command ");
    assertThat(folder.resolve("state")).doesNotExist();
  }

  private void assertRefused(ScriptOutput run, String why) {
    assertThat(run.status()).isEqualTo(125);
    assertThat(run.errors())
        .anyMatch(l -> l.startsWith("guard: trust: not from inside a guarded command (" + why));
    assertThat(Files.exists(folder.resolve("state/guard/trusted"))).isFalse();
  }
}
