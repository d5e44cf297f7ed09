package dev.guard.config;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.os.Os;
import dev.guard.os.OsString;
import dev.guard.os.RawFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Shows which file is read, and whose value wins. */
class OrderTest {
  @TempDir Path folder;
  private SettingsScene scene;

  @BeforeEach
  void emptyScene() {
    scene = new SettingsScene(folder);
  }

  @Test
  void laterWins() throws ConfigException {
    assertThat(timeout()).isEqualTo("300 from built-in");
    scene.file(SettingsScene.SYSTEM, "limits.timeout_seconds = 100");
    assertThat(timeout()).isEqualTo("100 from " + SettingsScene.SYSTEM + ":1");
    scene.file(SettingsScene.USER, "limits.timeout_seconds = 200");
    assertThat(timeout()).isEqualTo("200 from " + SettingsScene.USER + ":1");
    scene.file(SettingsScene.PROJECT, "limits.timeout_seconds = 50");
    assertThat(timeout()).isEqualTo("50 from " + SettingsScene.PROJECT + ":1");
    scene.variable("GUARD_TIMEOUT", "400");
    assertThat(timeout()).isEqualTo("400 from GUARD_TIMEOUT");
    scene.flag(Setting.TIMEOUT, "500");
    assertThat(timeout()).isEqualTo("500 from --timeout");
  }

  @Test
  void eachSettingHasItsOwnWinner() throws ConfigException {
    scene.file(SettingsScene.SYSTEM, "limits.timeout_seconds = 100", "limits.open_files = 10");
    scene.file(SettingsScene.USER, "limits.timeout_seconds = 200");
    assertThat(timeout()).isEqualTo("200 from " + SettingsScene.USER + ":1");
    assertThat(scene.show(Setting.OPEN_FILES)).isEqualTo("10 from " + SettingsScene.SYSTEM + ":2");
  }

  @Test
  void theUsersFileIsWhereXdgHasIt() throws ConfigException {
    scene.file(SettingsScene.USER, "limits.timeout_seconds = 200");
    scene.file("/xdg/guard/config.toml", "limits.timeout_seconds = 201");
    scene.variable("XDG_CONFIG_HOME", scene.path("/xdg").toString());
    assertThat(timeout()).isEqualTo("201 from /xdg/guard/config.toml:1");
  }

  @Test
  void aRelativeXdgDirectoryDoesNotCount() throws ConfigException {
    scene.file(SettingsScene.USER, "limits.timeout_seconds = 200");
    scene.variable("XDG_CONFIG_HOME", "xdg");
    assertThat(timeout()).isEqualTo("200 from " + SettingsScene.USER + ":1");
  }

  @Test
  void onlyTheNearestProjectFileCounts() throws ConfigException {
    scene.file("/home/project/src/.guard/config.toml", "limits.timeout_seconds = 20");
    scene.file(SettingsScene.PROJECT, "limits.timeout_seconds = 10", "limits.open_files = 10");
    assertThat(timeout()).isEqualTo("20 from /home/project/src/.guard/config.toml:1");
    assertThat(scene.show(Setting.OPEN_FILES)).isEqualTo("16384 from built-in");
  }

  @Test
  void theWorkingDirectoryItselfMayHaveTheProjectFile() throws ConfigException {
    scene.file("/home/project/src/main/.guard/config.toml", "limits.timeout_seconds = 20");
    assertThat(timeout()).isEqualTo("20 from /home/project/src/main/.guard/config.toml:1");
  }

  @Test
  void aRemovedWorkingDirectoryHasNoProjectFile() throws ConfigException {
    scene.file(SettingsScene.PROJECT, "limits.timeout_seconds = 10");
    scene.file(SettingsScene.USER, "limits.open_files = 10").in(Optional.empty());
    assertThat(timeout()).isEqualTo("300 from built-in");
    assertThat(scene.show(Setting.OPEN_FILES)).isEqualTo("10 from " + SettingsScene.USER + ":1");
  }

  @Test
  void aWorkingDirectoryTooDeepForAFilesNameIsNoProblem() throws ConfigException {
    scene.file(SettingsScene.PROJECT, "limits.timeout_seconds = 10");
    scene.in(Optional.of(scene.path("/home/project" + "/d".repeat(2045))));
    assertThat(timeout()).isEqualTo("10 from " + SettingsScene.PROJECT + ":1");
  }

  /** Whoever comes from root by su stands in root's directory. */
  @Test
  void aDirectoryThatCanNotBeLookedIntoIsNoProject() throws Exception {
    scene.file(SettingsScene.PROJECT, "limits.timeout_seconds = 10");
    scene.file("/home/project/src/.guard/config.toml", "limits.timeout_seconds = 20");
    scene.denied("/home/project/src");
    assertThat(timeout()).isEqualTo("10 from " + SettingsScene.PROJECT + ":1");
    scene.denied("/home/project");
    assertThat(timeout()).isEqualTo("300 from built-in");
    assertThat(scene.notices()).isEmpty();
  }

  @Test
  void aNamedFileReplacesTheSearch() throws ConfigException {
    scene.file(SettingsScene.SYSTEM, "limits.timeout_seconds = 100", "limits.open_files = 10");
    scene.file(SettingsScene.USER, "limits.timeout_seconds = 200", "broken");
    scene.file(SettingsScene.PROJECT, "limits.timeout_seconds = 50", "broken");
    scene.file("/named.toml", "limits.timeout_seconds = 77");
    scene.file("/other.toml", "limits.timeout_seconds = 88");
    scene.variable("GUARD_CONFIG", scene.path("/other.toml").toString());
    assertThat(timeout()).isEqualTo("88 from /other.toml:1");
    scene.config(scene.path("/named.toml"));
    assertThat(timeout()).isEqualTo("77 from /named.toml:1");
    assertThat(scene.show(Setting.OPEN_FILES)).isEqualTo("16384 from built-in");
    assertThat(scene.variable("GUARD_TIMEOUT", "5").show(Setting.TIMEOUT))
        .isEqualTo("5 from GUARD_TIMEOUT");
  }

  @Test
  void theSystemsFileCanBeNamed() throws ConfigException {
    scene
        .file(SettingsScene.SYSTEM, "limits.timeout_seconds = 100")
        .config(scene.path(SettingsScene.SYSTEM));
    assertThat(timeout()).isEqualTo("100 from " + SettingsScene.SYSTEM + ":1");
  }

  @Test
  void directoriesWithoutAnEncoding() throws ConfigException, IOException {
    OsString bytes = OsString.ofBytes(new byte[] {'/', (byte) 0xff, (byte) 0xc3});
    OsString odd = OsString.of(folder.toRealPath().toString()).concat(bytes);
    OsString guard = odd.concat(OsString.of("/guard"));
    OsString dotGuard = odd.concat(OsString.of("/.guard"));
    Os os = Os.linux();
    RawFiles.makeDirectories(os, guard);
    RawFiles.makeDirectories(os, dotGuard);
    RawFiles.create(
        os, guard.concat(OsString.of("/config.toml")), "limits.open_files = 10".getBytes(UTF_8));
    RawFiles.create(
        os, dotGuard.concat(OsString.of("/config.toml")), "limits.pids_max = 11".getBytes(UTF_8));
    scene.bytesVariable("XDG_CONFIG_HOME", odd).in(Optional.of(odd.concat(OsString.of("/sub"))));
    assertThat(scene.settings().openFiles()).hasValue(10);
    assertThat(scene.settings().pidsMax()).hasValue(11);
    scene.config(dotGuard.concat(OsString.of("/config.toml")));
    assertThat(scene.settings().openFiles()).hasValue(16384);
    assertThat(scene.settings().pidsMax()).hasValue(11);
  }

  @Test
  void aLinkToAFileIsFollowed() throws ConfigException, IOException {
    scene.file("/dotfiles/guard.toml", "limits.timeout_seconds = 7");
    Files.createSymbolicLink(
        scene.nioPath(SettingsScene.USER), scene.nioPath("/dotfiles/guard.toml"));
    assertThat(timeout()).isEqualTo("7 from " + SettingsScene.USER + ":1");
  }

  private String timeout() throws ConfigException {
    return scene.show(Setting.TIMEOUT);
  }
}
