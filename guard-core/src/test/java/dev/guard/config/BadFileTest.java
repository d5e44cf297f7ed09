package dev.guard.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.os.Os;
import dev.guard.os.OsException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is wrong with a file as a whole. */
class BadFileTest {
  private static final String REMEDY = "; make it a readable file of at most 1 MiB, or remove it";

  @TempDir Path folder;
  private Scene scene;

  @BeforeEach
  void emptyScene() {
    scene = new Scene(folder);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        Scene.SYSTEM,
        Scene.USER,
        Scene.PROJECT,
        Scene.HOME_CLAUDEX,
        Scene.PROJECT_CLAUDEX
      })
  void aFileThatCanNotBeOpened(String name) throws IOException {
    Files.createSymbolicLink(scene.nioPath(name), Path.of("config.toml"));
    assertThat(scene.problems())
        .containsExactly(
            name
                + ": can not be read (open "
                + name
                + ": Too many levels of symbolic links)"
                + REMEDY);
  }

  @Test
  void aDirectory() {
    scene.nioPath(Scene.USER + "/x");
    assertThat(scene.problems()).containsExactly(notRegular(Scene.USER));
  }

  /** The parser recurses; an agent that writes such a file gets no stack trace for it. */
  @Test
  void nestedTooDeeply() throws IOException {
    Files.writeString(scene.nioPath(Scene.PROJECT), "a = " + "[".repeat(1_000_000));
    assertThat(scene.problems())
        .containsExactly(
            Scene.PROJECT + ": is nested too deeply to be read; simplify it, or remove it");
  }

  @Test
  void aFifoWithoutAWriter() throws OsException {
    scene.nioPath(Scene.PROJECT);
    Os.linux().makeFifo(scene.path(Scene.PROJECT));
    assertThat(scene.problems()).containsExactly(notRegular(Scene.PROJECT));
  }

  @Test
  void aNamedDirectory() {
    scene.nioPath("/dir/x");
    assertThat(scene.config(scene.path("/dir")).problems()).containsExactly(notRegular("/dir"));
  }

  @Test
  void theLargestFileAndOneByteMore() throws IOException, ConfigException {
    byte[] comment = "#".repeat(1 << 20).getBytes(StandardCharsets.US_ASCII);
    Files.write(scene.nioPath(Scene.USER), comment);
    scene.load();
    Files.write(scene.nioPath(Scene.USER), new byte[(1 << 20) + 1]);
    assertThat(scene.problems())
        .containsExactly(Scene.USER + ": can not be read (larger than 1048576 bytes)" + REMEDY);
  }

  @Test
  void notUtf8() throws IOException {
    Files.write(scene.nioPath(Scene.USER), new byte[] {'#', (byte) 0xff});
    assertThat(scene.problems())
        .containsExactly(Scene.USER + ": is not UTF-8 text; save it as UTF-8");
  }

  @Test
  void invalidToml() {
    scene.file(Scene.USER, "[limits]", "timeout_seconds = ", "open_files = 10");
    assertThat(scene.problems())
        .singleElement()
        .asString()
        .startsWith(Scene.USER + ":2: invalid TOML: Unexpected end of line, expected ")
        .endsWith("; correct it");
  }

  @Test
  void aKeyTwice() {
    scene.file(Scene.USER, "[limits]", "open_files = 1", "open_files = 2");
    assertThat(scene.problems())
        .singleElement()
        .asString()
        .startsWith(Scene.USER + ":3: invalid TOML: open_files previously defined at line 2");
  }

  @Test
  void aFileThatIsItsOwnSystemFileIsReportedOnce() {
    scene.file(Scene.SYSTEM, "limits.nope = 1").config(scene.path(Scene.SYSTEM));
    assertThat(scene.problems()).hasSize(1);
  }

  private static String notRegular(String name) {
    return name + ": can not be read (not a regular file)" + REMEDY;
  }
}
