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
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Shows where the store is: a fixture in place of /, in which everything is this user's own. */
class StoreDirectoryTest {
  private static final String FIRST = "pid:[4026531836]";

  private static final Os OS = Os.linux();

  @TempDir private Path root;
  private int user;

  @BeforeEach
  void everyDirectory() throws IOException {
    user = (int) Files.getAttribute(root, "unix:uid");
    Files.createDirectories(root.resolve("tmp"));
  }

  /** What is only foreseen is the same, and makes nothing. */
  private Path find(int asUser, Optional<String> runtime) throws IOException {
    List<Path> before = everything();
    String foreseen;
    try {
      foreseen = StoreDirectory.foresee(OS, asUser, root, FIRST, runtime).toString();
    } catch (IOException e) {
      foreseen = e.getMessage();
    }
    assertThat(everything()).isEqualTo(before);
    try {
      Path found = StoreDirectory.find(OS, asUser, root, FIRST, runtime);
      assertThat(foreseen).isEqualTo(found.toString());
      return found;
    } catch (IOException e) {
      assertThat(foreseen).isEqualTo(e.getMessage());
      throw e;
    }
  }

  private List<Path> everything() throws IOException {
    try (Stream<Path> all = Files.walk(root)) {
      return all.sorted().toList();
    }
  }

  private Path tmp() {
    return root.resolve("tmp/guard-" + user);
  }

  @Test
  void rootHasOneWhateverTheEnvironmentSays() throws IOException {
    Files.createDirectories(root.resolve("run"));
    Path runtime = Files.createDirectories(root.resolve("run/user/0"));
    assertThat(find(0, Optional.of(runtime.toString()))).isEqualTo(root.resolve("run/guard"));
  }

  @Test
  void aUserHasItInTheRuntimeDirectoryWhetherItIsNamedOrNot() throws IOException {
    int someone = user == 0 ? 4711 : user;
    Path runtime = Files.createDirectories(root.resolve("run/user/" + someone));
    Files.setPosixFilePermissions(runtime, PosixFilePermissions.fromString("rwx------"));
    if (user == 0) {
      Files.setAttribute(runtime, "unix:uid", someone);
    }
    assertThat(find(someone, Optional.of(runtime.toString()))).isEqualTo(runtime.resolve("guard"));
    Files.delete(runtime.resolve("guard"));
    assertThat(find(someone, Optional.empty())).isEqualTo(runtime.resolve("guard"));
    Files.delete(runtime.resolve("guard"));
    assertThat(find(someone, Optional.of("relative"))).isEqualTo(runtime.resolve("guard"));
  }

  @Test
  void aRuntimeDirectoryThatOthersMayWriteIsNotUsed() throws IOException {
    int someone = user == 0 ? 4711 : user;
    Path runtime = Files.createDirectories(root.resolve("elsewhere"));
    Files.setPosixFilePermissions(runtime, PosixFilePermissions.fromString("rwxrwxrwx"));
    if (user == 0) {
      Files.setAttribute(runtime, "unix:uid", someone);
    }
    assertThat(find(someone, Optional.of(runtime.toString())))
        .isEqualTo(root.resolve("tmp/guard-" + someone));
    assertThat(runtime).isEmptyDirectory();
  }

  @Test
  void withoutARuntimeDirectoryItIsPrivateInTmp() throws IOException {
    Path found = find(user, Optional.empty());
    assertThat(found).isEqualTo(tmp());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(found)))
        .isEqualTo("rwx------");
    assertThat(find(user, Optional.empty())).as("it is there already").isEqualTo(tmp());
  }

  @Test
  void whatOthersCouldWriteIsRefused() throws IOException {
    Files.createDirectory(tmp());
    Files.setPosixFilePermissions(tmp(), PosixFilePermissions.fromString("rwxrwx---"));
    assertThatThrownBy(() -> find(user, Optional.empty()))
        .hasMessageContaining(tmp() + " is open to others; chmod 700 " + tmp());
  }

  @Test
  void aLinkIsRefused() throws IOException {
    Path target = Files.createDirectory(root.resolve("target"));
    Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwx------"));
    Files.createSymbolicLink(tmp(), target);
    assertThatThrownBy(() -> find(user, Optional.empty()))
        .hasMessageContaining(tmp() + " is no directory; remove it");
  }

  @Test
  void whatBelongsToAnotherIsRefused() throws IOException {
    int another = user + 1;
    Path foreign = Files.createDirectory(root.resolve("tmp/guard-" + another));
    Files.setPosixFilePermissions(foreign, PosixFilePermissions.fromString("rwx------"));
    assertThatThrownBy(() -> find(another, Optional.empty()))
        .hasMessageContaining(foreign + " belongs to user " + user);
  }

  @Test
  void anotherPidNamespaceHasItsOwn() throws IOException {
    assertThat(StoreDirectory.find(OS, user, root, "pid:[4026532177]", Optional.empty()))
        .isEqualTo(tmp().resolve("4026532177"));
  }

  /** Where the clock is shifted, every process seems to be another one. */
  @Test
  void anotherTimeNamespaceHasItsOwnAndEachSeesThatThereAreOthers() throws IOException {
    Path shifted =
        StoreDirectory.find(OS, user, root, FIRST + " time:[4026532178]", Optional.empty());
    assertThat(shifted).isEqualTo(tmp().resolve("4026531836-4026532178"));
    assertThat(StoreDirectory.otherNamespaces(shifted)).containsExactly(tmp());
    assertThat(StoreDirectory.otherNamespaces(tmp())).containsExactly(shifted);
  }
}
