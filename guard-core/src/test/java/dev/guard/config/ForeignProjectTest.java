package dev.guard.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.guard.os.Os;
import dev.guard.os.OsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Shows that a project's file that somebody else can write is not believed. Needs root, to give
 * files away.
 */
class ForeignProjectTest {
  private static final String PROJECT = "/home/project";
  private static final String FOLDER = "/home/project/.guard";
  private static final int OTHER = 12345;

  @TempDir Path folder;
  private SettingsScene scene;

  @BeforeEach
  void aProject() {
    assumeTrue(Os.linux().userId() == 0, "only root can give files away");
    scene = new SettingsScene(folder).file(SettingsScene.PROJECT, "limits.timeout_seconds = 5");
  }

  private void give(String name) throws IOException {
    Path path = Path.of(scene.path(name).toString());
    Files.setAttribute(path, "unix:uid", OTHER, LinkOption.NOFOLLOW_LINKS);
  }

  private String note(String foreign) {
    return SettingsScene.PROJECT
        + ": does not count, since "
        + foreign
        + " belongs to user 12345; to have its values, read it, then: guard trust "
        + PROJECT;
  }

  @ParameterizedTest
  @ValueSource(strings = {PROJECT, FOLDER, SettingsScene.PROJECT})
  void fileFolderAndProjectMustEachBeTheUsersOrRoots(String foreign)
      throws ConfigException, IOException {
    assertThat(scene.show(Setting.TIMEOUT)).startsWith("5 from ");
    give(foreign);
    assertThat(scene.show(Setting.TIMEOUT)).isEqualTo("300 from built-in");
    assertThat(scene.notices()).containsExactly(note(foreign));
    scene.trust();
    assertThat(scene.show(Setting.TIMEOUT)).isEqualTo("5 from " + SettingsScene.PROJECT + ":1");
    assertThat(scene.notices()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {FOLDER, SettingsScene.PROJECT})
  void aLinkOfSomebodyElseToWhatIsTheUsers(String link) throws ConfigException, IOException {
    Path path = Path.of(scene.path(link).toString());
    Path real = Files.move(path, path.resolveSibling("real"));
    Files.createSymbolicLink(path, real);
    assertThat(scene.show(Setting.TIMEOUT)).startsWith("5 from ");
    give(link);
    assertThat(scene.notices()).containsExactly(note(link));
    assertThat(scene.show(Setting.TIMEOUT)).isEqualTo("300 from built-in");
  }

  @Test
  void theUsersLinkToWhatIsSomebodyElses() throws ConfigException, IOException {
    Path path = Path.of(scene.path(FOLDER).toString());
    Path real = Files.move(path, path.resolveSibling("real"));
    Files.createSymbolicLink(path, real);
    give(PROJECT + "/real");
    assertThat(scene.notices()).containsExactly(note(FOLDER));
  }

  @Test
  void theOneAboveCountsInItsPlace() throws ConfigException, IOException {
    String below = "/home/project/src/.guard/config.toml";
    scene.file(below, "limits.timeout_seconds = 4");
    give(below);
    assertThat(scene.show(Setting.TIMEOUT)).isEqualTo("5 from " + SettingsScene.PROJECT + ":1");
    assertThat(scene.notices()).hasSize(1);
  }

  @Test
  void whatItHoldsDoesNotMatter() throws ConfigException, IOException {
    scene.file(SettingsScene.PROJECT, "no TOML");
    give(SettingsScene.PROJECT);
    assertThat(scene.notices()).hasSize(1);
    scene.trust();
    assertThat(scene.problems()).as("now it counts").hasSize(1);
  }

  @Test
  void trustThatSomebodyElseHasWrittenProvesNothing() throws ConfigException, IOException {
    give(SettingsScene.PROJECT);
    scene.trust();
    String marks = "/home/.local/state/guard/trusted";
    try (Stream<Path> all = Files.list(Path.of(scene.path(marks).toString()))) {
      give(marks + "/" + all.findFirst().orElseThrow().getFileName());
    }
    assertThat(scene.show(Setting.TIMEOUT)).isEqualTo("300 from built-in");
  }

  @Test
  void trustIsNotWrittenIntoTheHomeOfSomebodyElse() throws IOException {
    give("/home");
    assertThatThrownBy(scene::trust).hasMessageContaining("/home belongs to user 12345; set HOME");
    assertThat(folder.resolve("home/.local")).doesNotExist();
  }

  @Test
  void aFifoIsNotOpened() throws ConfigException, IOException {
    Files.delete(Path.of(scene.path(SettingsScene.PROJECT).toString()));
    makeFifo();
    give(SettingsScene.PROJECT);
    assertThat(scene.notices())
        .containsExactly(
            SettingsScene.PROJECT
                + ": does not count, since "
                + SettingsScene.PROJECT
                + " belongs to user 12345");
  }

  private void makeFifo() throws OsException {
    Os.linux().makeFifo(scene.path(SettingsScene.PROJECT));
  }
}
