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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Calls guard-shell by its own name and as the first {@code bash} of PATH. Needs root for
 * namespaces, and tmux.
 */
@Needs({"bash", "unshare", "tmux"})
@ExtendWith(NothingLeft.class)
class GuardShellIT {
  static final Path FOLDER = GuardProcess.FOLDER.resolve("libexec/guard");
  static final String SHELL = GuardProcess.FOLDER.resolve("bin/guard-shell").toString();

  /** In a script, {@code bash} is guard-shell from there on. */
  static final String FIRST_IN_PATH = "PATH='" + FOLDER + "':$PATH\n";

  private static final String IDS = "echo $GUARD_SHELL $GUARD_ID";
  private static final String TELL =
      "printf '<%s>' \"$0\" \"$@\"; echo \"$-\"; shopt login_shell; type fromrc 2>&1; echo err >&2; exit 7";

  // Each character is one byte: those of the last word are no UTF-8.
  private static final List<String> CALLS =
      List.of(
          "exec bash -c \"$TELL\"",
          "exec bash -c \"$TELL\" zero 'a  b' '' $'\\n' '\u00e4\u00ff*'",
          "exec bash -lc \"$TELL\" zero one",
          "exec bash -c -l \"$TELL\"",
          "exec bash -l -i -c \"$TELL\"",
          "exec bash --norc --noprofile -ic \"$TELL\" zero",
          "exec bash --norc --noprofile -euo pipefail -O extglob -c \"$TELL\" zero",
          "exec bash ./file one 'two  three'",
          "exec bash -s one two <<<\"$TELL\"",
          "exec bash <<<$'read line\\nof the input\\necho \"$0 got $line\"'",
          "exec -a -bash bash -c \"$TELL\"",
          "exec bash -c 'kill -TERM $$'",
          "exec bash -c 'exec no-such-program'",
          "exec bash --no-such-option",
          "exec bash -c");

  @TempDir private Path directory;

  @BeforeEach
  void files() throws IOException {
    Files.writeString(directory.resolve("file"), TELL);
    Files.writeString(directory.resolve(".bashrc"), "fromrc() { :; }\n");
    Files.writeString(directory.resolve(".bash_profile"), "fromrc() { echo profile; }\n");
  }

  private GuardProcess script(String text) {
    return GuardProcess.bash(text).in(directory).with("HOME", directory.toString());
  }

  private GuardProcess shell(String... words) {
    return GuardProcess.program(Path.of(SHELL), List.of(words)).in(directory);
  }

  private Finished call(String before, String call) {
    return script(before + call)
        .with("TELL", TELL)
        // One for each command at a time would let them wait for each other.
        .with("GUARD_RATE_LIMIT", "0")
        .run();
  }

  private static String told(Finished f) {
    // A shell without a terminal names its process group.
    String errors = f.errors().replaceAll("\\(-?[0-9]+\\): Inap", "(GROUP): Inap");
    return f.exit() + "\n" + f.output() + "\n" + errors;
  }

  @Test
  void everyCallIsTheRealShellsByteForByte() {
    Map<String, Finished> real = Parallel.map(CALLS, call -> call("", call));
    Map<String, Finished> guarded = Parallel.map(CALLS, call -> call(FIRST_IN_PATH, call));
    assertThat(CALLS)
        .allSatisfy(call -> assertThat(told(guarded.get(call))).isEqualTo(told(real.get(call))));
  }

  @ParameterizedTest
  @EnumSource(Cgroups.class)
  void innerShellsAreBareAndAForgedMarkProvesNothing(Cgroups cgroups) {
    String inner = "bash -c \"bash -c '" + IDS.replace("$", "\\$") + "'\"";
    GuardProcess call =
        cgroups.on(script(FIRST_IN_PATH + "bash -c '" + IDS + "; " + quotedInside(inner) + "'"));
    Finished f = call.with("GUARD_SHELL", "0123456789abcdef").run();
    assertThat(f.lines()).as(f.errors()).hasSize(2);
    String[] ids = f.lines().get(0).split(" ", -1);
    assertThat(ids).hasSize(2).doesNotContain("0123456789abcdef");
    assertThat(ids[0]).matches("[0-9a-f]{16}").isEqualTo(ids[1]);
    assertThat(f.lines().get(1)).isEqualTo(f.lines().get(0));
  }

  private static String quotedInside(String text) {
    return text.replace("'", "'\\''");
  }

  @Test
  void aShellInACommandThatItDidNotStartIsGuarded() {
    Finished f =
        GuardProcess.exec("--", "sh", "-c", "echo $GUARD_ID; \"$0\" -c '" + IDS + "'", SHELL)
            .in(directory)
            .run();
    assertThat(f.lines()).as(f.errors()).hasSize(2);
    assertThat(f.lines().get(1)).doesNotContain(f.lines().get(0)).matches("([0-9a-f]{16}) \\1");
  }

  /** A sandbox hides the guard by a namespace of processes. */
  @Test
  void inANamespaceOfItsOwnTheCgroupTells() {
    String inner = "unshare -m -p -f --mount-proc bash -c 'echo $$; " + IDS + "'";
    Finished f = script(FIRST_IN_PATH + "bash -c '" + IDS + "; " + quotedInside(inner) + "'").run();
    assertThat(f.lines()).as(f.errors()).hasSize(3);
    assertThat(f.lines().get(1)).isEqualTo("1");
    assertThat(f.lines().get(2)).isEqualTo(f.lines().get(0));
    Finished other =
        script(FIRST_IN_PATH + inner).with("GUARD_SHELL", f.output().substring(0, 16)).run();
    assertThat(other.lines()).as(other.errors()).hasSize(2).doesNotContain(f.lines().get(0));
  }

  /**
   * A tmux server stays in the cgroup of the command that started it, with the mark of that, also
   * when the command has ended.
   */
  @Test
  void aTmuxServerIsInsideAsLongAsItsCommand() {
    String tmux = "tmux -L 'guard-shell-" + ProcessHandle.current().pid() + "' ";
    String window = " \"'" + FOLDER + "/bash' -c 'echo \\$GUARD_SHELL \\$GUARD_ID >$NAME'\"; ";
    String await = "until [ -s $NAME ]; do sleep 0.02; done; ";
    String server = tmux + "-f /dev/null new-session -d 'exec sleep 600'; ";
    try {
      Finished first =
          script(
                  FIRST_IN_PATH
                      + "exec bash -c '"
                      + quotedInside(
                          IDS + "; NAME=one; " + server + tmux + "new-window" + window + await)
                      + "'")
              .with("GUARD_LEFTOVERS", "keep")
              .run();
      assertThat(first.lines()).as(first.errors()).hasSize(1);
      assertThat(read("one")).isEqualTo(first.output());
      Finished second = script("NAME=two; " + tmux + "new-window" + window + await).run();
      assertThat(second.exit()).as(second.errors()).isZero();
      assertThat(read("two")).matches("([0-9a-f]{16}) \\1\n").isNotEqualTo(first.output());
    } finally {
      GuardProcess.bash(tmux + "kill-server").run();
    }
  }

  private String read(String file) {
    return MachineRemains.text(directory.resolve(file));
  }

  @Test
  void aProgramThatNamesBashAsItsInterpreterIsLeftAlone() throws IOException {
    Path file = GuardProcess.program(directory.resolve("program"), "#!/bin/bash\n" + IDS);
    assertThat(script(FIRST_IN_PATH + "exec '" + file + "'").run().output()).isEqualTo("\n");
  }

  @Test
  void itsOwnNameStandsForTheUsersShellAndNeverForItself() throws IOException {
    Path link = Files.createSymbolicLink(directory.resolve("bash"), Path.of(SHELL));
    String isBash = "echo ${BASH_VERSION+bash }$0";
    assertThat(shell("-c", isBash).with("SHELL", "/bin/sh").run().output()).isEqualTo(SHELL + "\n");
    for (String own : List.of(SHELL, link.toString(), directory + "/none", "sh")) {
      Finished f = shell("-c", isBash).with("SHELL", own).run();
      assertThat(f.output()).as(own + f.errors()).isEqualTo("bash " + SHELL + "\n");
    }
    // Another installation, whose guard-shell would take this one for the real shell, and so on.
    Finished made = script("cp -r '" + GuardProcess.FOLDER + "' other").run();
    assertThat(made.exit()).as(made.errors()).isZero();
    Finished f =
        script(
                "PATH='"
                    + directory
                    + "/other/libexec/guard':'"
                    + FOLDER
                    + "':$PATH; bash -c '"
                    + isBash
                    + "'")
            .run();
    assertThat(f.output()).as(f.errors()).isEqualTo("bash bash\n");
  }

  /** The line about what is left says so: it is another for the model of an agent. */
  @Test
  void itHasTheProfileOfAgentsUnlessAnotherIsNamed() {
    String leaves = FIRST_IN_PATH + "bash -c 'sleep 600 & true'";
    assertThat(script(leaves).run().errors()).contains("; a process lives as long as the command");
    assertThat(script(leaves).with("GUARD_PROFILE", "none").run().errors())
        .contains("; to keep one, start it with: guard exec --detach");
  }
}
