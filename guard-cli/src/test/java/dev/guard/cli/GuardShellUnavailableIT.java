package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Calls guard-shell where Guard can not run, and where it refuses to. Needs root for namespaces.
 */
@Needs({"bash", "unshare"})
@ExtendWith(NothingLeft.class)
class GuardShellUnavailableIT {
  private static final String RUN = "guard: not guarded: %s; the shell runs without limits\n";
  private static final String REFUSE =
      "guard: not guarded: %s; so nothing has run, by shell.when_unavailable (%s)\n";
  private static final String BROKEN =
      "GUARD_TIMEOUT: must be a number of seconds from 0 to 315360000, and is not; correct or unset it";
  private static final String MACHINE = "/etc/guard/config.toml";
  private static final String VARIABLE = "GUARD_SHELL_UNAVAILABLE";

  /** What it has of Guard, which is nothing, and of its caller. */
  private static final String TELL =
      "echo \"$0 $* [$GUARD_SHELL$GUARD_ID]\"; cat; env | grep -c _guard; read c </proc/$$/task/$$/children; echo \"[$c]\"; exit 3";

  private static final String TOLD = "zero one []\nits input\n0\n[]\n";

  @TempDir private Path directory;

  private GuardProcess tell(Path shell) throws IOException {
    Path input = Files.writeString(directory.resolve("input"), "its input\n");
    return GuardProcess.program(shell, List.of("-c", TELL, "zero", "one"))
        .in(directory)
        .reading(input);
  }

  private GuardProcess tell() throws IOException {
    return tell(Path.of(GuardShellIT.SHELL));
  }

  private static void assertRuns(Finished f, String why) {
    assertThat(f.errors()).isEqualTo(RUN.formatted(why));
    assertThat(f.output()).isEqualTo(TOLD);
    assertThat(f.exit()).isEqualTo(3);
  }

  private static void assertRefuses(Finished f, String why, String by) {
    assertThat(f.errors()).isEqualTo(REFUSE.formatted(why, by));
    assertThat(f.output()).isEmpty();
    assertThat(f.exit()).isEqualTo(125);
  }

  /** Puts this in the place of /etc/guard/config.toml, for this call alone. */
  private GuardProcess onMachine(GuardProcess call, String... lines) throws IOException {
    Path file = directory.resolve("etc/guard/config.toml");
    if (!Files.exists(file)) {
      assertThat(GuardProcess.bash("cp -a /etc .").in(directory).run().exit()).isZero();
      Files.createDirectories(file.getParent());
    }
    Files.write(file, List.of(lines));
    String script = "mount --bind \"$0\" /etc && exec \"$@\"";
    return call.through("unshare", "-m", "sh", "-c", script, directory.resolve("etc").toString());
  }

  @Test
  void brokenSettings() throws IOException {
    assertRuns(tell().with("GUARD_TIMEOUT", "soon").run(), BROKEN);
    assertRefuses(
        tell().with("GUARD_TIMEOUT", "soon").with(VARIABLE, "refuse").run(), BROKEN, VARIABLE);
    Finished more = tell().with("GUARD_TIMEOUT", "soon").with("GUARD_PIDS_MAX", "x").run();
    assertThat(more.errors())
        .isEqualTo(
            RUN.formatted(
                "GUARD_TIMEOUT: must be a number of seconds from 0 to 315360000, and is not; correct or unset it"
                    + " (and more, see guard config check)"));
    assertThat(more.output()).isEqualTo(TOLD);
  }

  @ParameterizedTest
  @CsvSource({
    "'[shell]|when_unavailable = \"refuse\"', refuse",
    "'[shell]|  when_unavailable=''run''   # as ever', run",
    "'[shell]|# when_unavailable = \"refuse\"', run",
    "'shell = { when_unavailable = \"refuse\" }', refuse",
    "'shell.when_unavailable = \"refuse\"', refuse",
    "'[shell]|when_unavailable = \"run\"|when_unavailable = 1', refuse",
  })
  void theMachinesFileDecides(String file, String policy) throws IOException {
    Finished f = onMachine(tell().with("GUARD_TIMEOUT", "soon"), file.split("[|]")).run();
    if (policy.equals("run")) {
      assertThat(f.exit()).as(f.errors()).isEqualTo(3);
    } else {
      assertThat(f.exit()).as(f.errors()).isEqualTo(125);
      assertThat(f.errors())
          .endsWith("nothing has run, by shell.when_unavailable (" + MACHINE + ")\n");
    }
  }

  @Test
  void theVariableWinsAndNobodyElsesFileCounts() throws IOException {
    Path user = directory.resolve("user/guard/config.toml");
    Files.createDirectories(user.getParent());
    Files.writeString(user, "[shell]\nwhen_unavailable = \"run\"\n");
    String problem =
        user + ":2: shell.when_unavailable: can only be set in " + MACHINE + ", or by " + VARIABLE;
    String[] refuse = {"[shell]", "when_unavailable = \"refuse\""};
    String folder = directory.resolve("user").toString();
    assertRefuses(
        onMachine(tell().with("XDG_CONFIG_HOME", folder), refuse).run(),
        problem + "; remove it here",
        MACHINE);
    assertRuns(
        onMachine(tell().with("GUARD_TIMEOUT", "soon").with(VARIABLE, "run"), refuse).run(),
        BROKEN);
    GuardProcess shows = GuardProcess.of("config", "show").with("GUARD_CONFIG", user.toString());
    assertThat(onMachine(shows, refuse).run().output())
        .containsPattern("shell.when_unavailable +refuse +" + MACHINE + ":2\n");
  }

  @Test
  void aProjectsFileIsLeftAlone() throws IOException {
    Path project = directory.resolve(".guard/config.toml");
    Files.createDirectories(project.getParent());
    Files.writeString(project, "[shell]\nwhen_unavailable = \"run\"\n");
    Finished f = tell().run();
    assertThat(f.errors()).startsWith("guard: " + project + ":2: not taken: ").hasLineCount(1);
    assertThat(f.output()).startsWith("zero one [").doesNotContain("one []");
    assertRefuses(
        tell().with("GUARD_TIMEOUT", "soon").with(VARIABLE, "refuse").run(), BROKEN, VARIABLE);
  }

  /** A copy of the folder, in which something is broken. */
  private Path broken(String script) {
    String copy = "cp -r '" + GuardProcess.FOLDER + "' folder && cd folder && ";
    Finished f = GuardProcess.bash(copy + script).in(directory).run();
    assertThat(f.exit()).as(f.errors()).isZero();
    return directory.resolve("folder");
  }

  @ParameterizedTest
  @ValueSource(strings = {"exit 3", "kill -KILL $$", "echo noise >&2; exit 125"})
  void noJava(String launcher) throws IOException {
    Path folder = broken("printf '#!/bin/sh\\n%s\\n' '" + launcher + "' >lib/guard-java");
    Path bash = folder.resolve("libexec/guard/bash");
    String why =
        launcher.startsWith("kill")
            ? "the process of Java that serves this call was killed by signal 9; call guard again"
            : "Java could not start or go on; see ulimit -v, -d, -u, -n, or let a gateway serve the call: guard gateway start";
    assertRuns(tell(bash).with("GUARD_GATEWAY", "off").run(), why);
    assertRefuses(
        tell(bash).with("GUARD_GATEWAY", "off").with(VARIABLE, "refuse").run(), why, VARIABLE);
  }

  @Test
  void whatGuardSaysIsTheReason() throws IOException {
    Path folder =
        broken("printf '#!/bin/sh\\necho guard: no Java >&2; exit 125\\n' >lib/guard-java");
    Path shell = folder.resolve("bin/guard-shell");
    assertRuns(tell(shell).with("GUARD_GATEWAY", "off").run(), "no Java");
  }

  @Test
  void noGuard() throws IOException {
    Path folder = broken("rm bin/guard");
    Finished f = tell(folder.resolve("bin/guard-shell")).run();
    assertRuns(f, folder + "/bin/guard could not be executed: error 2; reinstall guard");
  }

  @Test
  void noDescriptor() throws IOException {
    GuardProcess call = tell().with("GUARD_GATEWAY", "off");
    Finished f = call.through("sh", "-c", "ulimit -n 6; exec \"$@\"", "sh").run();
    assertRuns(f, "no descriptor is left to start Java with; raise ulimit -n");
  }

  @Test
  void aRefusalIsNone() throws IOException {
    GuardProcess full =
        GuardProcess.exec("--", "sh", "-c", "\"$0\" -c 'echo ran'; exit $?", GuardShellIT.SHELL);
    Finished busy =
        full.with("GUARD_MAX_PROCESSES", "1").with("GUARD_BUDGET_RESERVE", "false").run();
    assertThat(busy.exit()).isEqualTo(75);
    assertThat(busy.errors()).contains("guard: Process limit reached");
    assertUnrun(tell().with("GUARD_REQUIRE", "cpu").run(), "guard: required layer cpu is off");
    String[] ceiling = {"[ceiling]", "timeout_seconds = 5"};
    // However broken the rest is.
    assertUnrun(
        onMachine(tell().with("GUARD_TIMEOUT", "9").with("GUARD_PIDS_MAX", "x"), ceiling).run(),
        "is over the ceiling of 5 (/etc/guard/config.toml:2)");
  }

  private static void assertUnrun(Finished f, String line) {
    assertThat(f.exit()).isEqualTo(125);
    assertThat(f.output()).isEmpty();
    assertThat(f.errors()).contains(line).doesNotContain("not guarded");
  }
}
