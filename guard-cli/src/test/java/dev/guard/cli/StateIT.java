package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Finds the history and the logs where homes and variables lead elsewhere. */
@ExtendWith(NothingLeft.class)
class StateIT {
  private static final int STRANGER = 12345;
  private static final String STATE = ".local/state/guard";

  @TempDir private Path directory;
  private OwnStore store;
  private Path home;

  @BeforeEach
  void open() throws IOException {
    store = OwnStore.in(directory);
    home = Files.createDirectories(directory.resolve("home"));
  }

  static boolean isRoot() {
    return System.getProperty("user.name").equals("root");
  }

  private GuardProcess at(Path where, String... words) {
    return store
        .on(GuardProcess.of(words))
        .without("XDG_STATE_HOME")
        .with("HOME", where.toString());
  }

  @Test
  void aHomeThatIsNotThereIsNotMadeAndTheReceiptSaysSo() {
    Path none = directory.resolve("none");
    Finished f = at(none, "exec", "-v", "--", "true").run();
    assertThat(f.exit()).isZero();
    assertThat(f.errors()).contains("history: there is no home directory " + none);
    assertThat(at(none, "exec", "--", "true").run().errors()).isEmpty();
    assertThat(none).doesNotExist();
  }

  @Test
  void anIdInTheHistoryIsNoPath() throws IOException {
    Path logs = Files.createDirectories(home.resolve(STATE + "/logs"));
    Path victim = Files.writeString(directory.resolve("victim.log"), "theirs");
    assertThat(at(home, "exec", "--name", "build", "--", "true").run().exit()).isZero();
    Path history = home.resolve(STATE + "/events.jsonl");
    String line = Files.readString(history);
    String id = line.replaceFirst("(?s).*?\"id\":\"([0-9a-f]+)\".*", "$1");
    String path = logs.relativize(directory.resolve("victim")).toString();
    Files.writeString(history, line.replace(id, path));
    for (String word : new String[] {"logs", "rm"}) {
      Finished f = at(home, word, "build").run();
      assertThat(f.exit()).isEqualTo(125);
      assertThat(f.output()).isEmpty();
      assertThat(f.errors()).startsWith("guard: no command build is known");
    }
    assertThat(victim).hasContent("theirs");
  }

  /**
   * Calls guard as sudo -E does; without another home, in a mount namespace where root's is empty.
   */
  @Test
  @EnabledIf(value = "isRoot", disabledReason = "only root is given another's variables")
  void whatRootDoesWithTheVariablesOfAUserIsInRootsOwnHome() throws IOException {
    Files.setAttribute(home, "unix:uid", STRANGER);
    Path own = Files.createDirectories(directory.resolve("root"));
    String script = "mount --bind \"$0\" \"$(getent passwd 0 | cut -d: -f6)\" && exec \"$@\"";
    GuardProcess call =
        at(home, "exec", "--", "true")
            .with("XDG_STATE_HOME", home.resolve(".local/state").toString())
            .through("unshare", "-m", "sh", "-c", script, own.toString());
    assertThat(call.run().exit()).isZero();
    assertThat(home).isEmptyDirectory();
    assertThat(own.resolve(STATE).resolve("events.jsonl")).isNotEmptyFile();
  }
}
