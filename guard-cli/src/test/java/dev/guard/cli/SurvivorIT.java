package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Shows that a process that has become another user's can not be ended by the user who stops its
 * command: it is named, and that is no success. Needs root, to have a program with the set-user-ID
 * bit.
 */
@ExtendWith(NothingLeft.class)
@Needs("setpriv")
class SurvivorIT {
  private static final String USER = "4242";

  @TempDir private Path directory;

  /** Guard as a user with a store and a history of his own. */
  private Finished asUser(String... words) {
    List<String> arguments = new ArrayList<>(List.of(directory.toString()));
    arguments.addAll(List.of(words));
    return GuardProcess.script(
            "copy=$1; shift; exec setpriv --reuid "
                + USER
                + " --regid "
                + USER
                + " --clear-groups \"$copy/guard/bin/guard\" \"$@\"",
            arguments.toArray(String[]::new))
        .with("HOME", directory.toString())
        .with("XDG_STATE_HOME", directory.resolve("state").toString())
        .with("XDG_CONFIG_HOME", directory.resolve("none").toString())
        .without("XDG_RUNTIME_DIR")
        .in(directory)
        .run();
  }

  @Test
  void whoCanNotBeEndedIsNamed() throws Exception {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
    // The checkout may be where another user can not read.
    String folder = GuardProcess.FOLDER.toString();
    assertThat(new ProcessBuilder("cp", "-r", folder, directory.toString()).start().waitFor())
        .isZero();
    Path becomeRoot = directory.resolve("become-root");
    Files.copy(Path.of("/usr/bin/setpriv"), becomeRoot);
    assertThat(new ProcessBuilder("chmod", "4755", becomeRoot.toString()).start().waitFor())
        .isZero();
    String script =
        becomeRoot + " --reuid 0 --regid 0 --clear-groups sh -c 'echo $$ >roots; exec sleep 300' &";
    Finished started =
        asUser("exec", "-d", "-C", directory.toString(), "--", "sh", "-c", script + " sleep 300");
    assertThat(started.exit()).as(started.errors()).isZero();
    String id = started.output().strip();
    Path roots = directory.resolve("roots");
    Polling.until("a process has become root's", () -> !MachineRemains.text(roots).isBlank());
    String pid = MachineRemains.text(roots).strip();
    try {
      for (List<String> how : List.of(List.of("stop", "--grace", "0"), List.of("rm", "-f"))) {
        List<String> words = new ArrayList<>(how);
        words.add(id);
        Finished ended = asUser(words.toArray(String[]::new));
        assertThat(ended.exit()).isEqualTo(125);
        assertThat(ended.errors())
            .isEqualTo(
                "guard: command "
                    + id
                    + ": process "
                    + pid
                    + " (sleep) could not be ended; end it by hand\n");
      }
    } finally {
      assertThat(Signal.send("KILL", pid)).isTrue();
    }
    Finished removed = asUser("rm", "-f", id);
    assertThat(removed.exit()).as(removed.errors()).isZero();
  }
}
