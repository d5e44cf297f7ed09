package dev.guard.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Shows that files which are read again and again say what they say now. */
class ParsedFilesTest {
  @TempDir Path folder;

  private static ParsedFiles.Key key(String text) {
    return new ParsedFiles.Key(
        text.getBytes(StandardCharsets.UTF_8), "file", TomlFile.Role.USER, false);
  }

  @Test
  void aFileThatHasChangedIsReadAnew() throws Exception {
    SettingsScene scene = new SettingsScene(folder);
    scene.file(SettingsScene.USER, "[limits]\nmax_processes = 10\n");
    assertThat(scene.load().config().maxProcesses()).contains(10);
    scene.file(SettingsScene.USER, "[limits]\nmax_processes = 20\n");
    assertThat(scene.load().config().maxProcesses()).contains(20);
  }

  @Test
  void aComplaintIsMadeEachTimeAlsoWhereTheFileIsReadTwice() throws IOException {
    SettingsScene scene = new SettingsScene(folder);
    scene.file(SettingsScene.SYSTEM, "[limits]\ntimeuot = \"10s\"\n");
    scene.config(scene.path(SettingsScene.SYSTEM));
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(scene::load).as("time %d", i).hasMessageContaining("timeuot");
    }
  }

  @Test
  void theWordsAreThoseOfTheRole() {
    ParsedFiles files = new ParsedFiles();
    files.keep(key("a = 1"), TomlSource.Content.empty());
    ParsedFiles.Key system =
        new ParsedFiles.Key(
            "a = 1".getBytes(StandardCharsets.UTF_8), "file", TomlFile.Role.SYSTEM, false);
    assertThat(files.find(key("a = 1"))).isPresent();
    assertThat(files.find(system)).isEmpty();
    assertThat(files.find(key("a = 2"))).isEmpty();
  }

  @Test
  void onlyTheLastFewSmallFilesAreKept() {
    ParsedFiles files = new ParsedFiles();
    files.keep(key("a"), TomlSource.Content.empty());
    for (int i = 0; i < 15; i++) {
      files.keep(key("other " + i), TomlSource.Content.empty());
      assertThat(files.find(key("a"))).as("used just now").isPresent();
    }
    files.keep(key("one more"), TomlSource.Content.empty());
    assertThat(files.find(key("a"))).isPresent();
    assertThat(files.find(key("other 0"))).as("not used for the longest time").isEmpty();
    String large = String.join("", List.of("x".repeat(1 << 14), "y"));
    files.keep(key(large), TomlSource.Content.empty());
    assertThat(files.find(key(large))).isEmpty();
  }
}
