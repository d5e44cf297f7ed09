package dev.guard.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.guard.os.Os;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Shows where the history and the logs of a user are, and where they are not. */
class StateDirectoryTest {
  private static final int USER = Os.linux().userId();
  private static final int ROOT = 0;
  private static final int STRANGER = 12345;
  private static final String NONE = "neither XDG_STATE_HOME nor HOME names a directory of yours";

  @TempDir private Path directory;

  private static StateDirectory of(int user, Optional<Path> stateHome, Path... homes) {
    return StateDirectory.of(
        user, stateHome.map(Path::toString), List.of(homes).stream().map(Path::toString).toList());
  }

  private static StateDirectory inHome(Path home) {
    return of(USER, Optional.empty(), home);
  }

  /** Makes a directory another's: the user id for which it is that of somebody else but root. */
  private static int another(Path theirs) throws IOException {
    if (USER != ROOT) {
      return USER + 1;
    }
    Files.setAttribute(theirs, "unix:uid", STRANGER);
    return ROOT;
  }

  @Test
  void itIsMadeForItsUserAlone() throws IOException {
    StateDirectory state = inHome(directory);
    assertThat(state.find()).isEmpty();
    Path made = directory.resolve(".local/state/guard");
    assertThat(state.make()).isEqualTo(made);
    assertThat(state.find()).contains(made);
    assertThat(Files.getPosixFilePermissions(made)).hasSize(3);
    assertThat(of(USER, Optional.of(directory.resolve("x")), directory).make())
        .isEqualTo(directory.resolve("x/guard"));
  }

  @Test
  void aHomeThatIsNotThereIsNeverMade() throws IOException {
    Path home = directory.resolve("none");
    assertThatThrownBy(() -> inHome(home).make())
        .hasMessage("there is no home directory " + home + "; make it, or set XDG_STATE_HOME");
    assertThatThrownBy(() -> of(USER, Optional.of(home.resolve("state")), home).make())
        .hasMessageStartingWith("there is no home directory");
    assertThat(home).doesNotExist();
    assertThat(inHome(home).find()).isEmpty();
  }

  @Test
  void anothersHomeDoesNotCount() throws IOException {
    Path theirs = Files.createDirectory(directory.resolve("theirs"));
    int user = another(theirs);
    assertThatThrownBy(() -> of(user, Optional.empty(), theirs).make()).hasMessage(NONE);
    assertThatThrownBy(() -> of(user, Optional.of(theirs.resolve("state")), theirs).make())
        .hasMessage(NONE);
    assertThat(theirs).isEmptyDirectory();
  }

  @Test
  void theNextHomeCountsInPlaceOfAnothers() throws IOException {
    Path theirs = Files.createDirectory(directory.resolve("theirs"));
    int user = another(theirs);
    // Of root, or none that is there: neither is another's.
    Path own = Path.of("/nonexistent");
    assertThatThrownBy(() -> of(user, Optional.of(theirs.resolve("x")), theirs, own).make())
        .hasMessageContaining("there is no home directory " + own);
  }

  @Test
  void aLinkInItsPlaceIsNotFollowed() throws IOException {
    Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
    Path link = directory.resolve(".local/state/guard");
    Files.createDirectories(link.getParent());
    Files.createSymbolicLink(link, elsewhere);
    StateDirectory state = inHome(directory);
    assertThatThrownBy(state::make).hasMessage(link + " is no directory; remove it");
    assertThatThrownBy(state::find).hasMessage(link + " is no directory; remove it");
    assertThat(elsewhere).isEmptyDirectory();
  }

  @Test
  void oneThatOthersMayWriteDoesNotCount() throws IOException {
    StateDirectory state = inHome(directory);
    Path made = state.make();
    Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwxrwx---"));
    assertThatThrownBy(state::find).hasMessageEndingWith("chmod 700 " + made);
    Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwx------"));
    Files.setPosixFilePermissions(made.getParent(), PosixFilePermissions.fromString("rwxrwxrwx"));
    assertThatThrownBy(state::make).hasMessageContaining(made.getParent() + " is open to others");
  }

  @Test
  void aDirectoryInItIsCheckedToo() throws IOException {
    StateDirectory state = inHome(directory);
    Path logs = state.make().resolve("logs");
    Files.createSymbolicLink(logs, directory);
    assertThatThrownBy(() -> state.make("logs")).hasMessage(logs + " is no directory; remove it");
  }
}
