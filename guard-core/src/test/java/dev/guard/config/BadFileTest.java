package dev.guard.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.guard.os.Os;
import dev.guard.os.OsException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Shows that a file that can not be used as a whole is said to be so. */
class BadFileTest {
  private static final String REMEDY = "; make it a readable file of at most 128 KiB, or remove it";

  @TempDir Path folder;
  private SettingsScene scene;

  @BeforeEach
  void emptyScene() {
    scene = new SettingsScene(folder);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        SettingsScene.SYSTEM,
        SettingsScene.USER,
        SettingsScene.PROJECT,
        SettingsScene.HOME_CLAUDEX,
        SettingsScene.PROJECT_CLAUDEX
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
    scene.nioPath(SettingsScene.USER + "/x");
    assertThat(scene.problems()).containsExactly(notRegular(SettingsScene.USER));
  }

  /** The parser recurses; an agent that writes such a file gets no stack trace for it. */
  @Test
  void nestedTooDeeply() throws IOException {
    Files.writeString(scene.nioPath(SettingsScene.PROJECT), "a = " + "[".repeat(100_000));
    assertThat(scene.problems())
        .containsExactly(
            SettingsScene.PROJECT
                + ": is nested too deeply or too large to be read; simplify it, or remove it");
  }

  /** Each of these took all of the memory or of the stack that guard has, or filled the screen. */
  @ParameterizedTest
  @ValueSource(strings = {"[", "{a=", "[[", "\"\\q[", "'\n["})
  void nestedInWhateverWay(String one) throws IOException {
    Files.writeString(scene.nioPath(SettingsScene.USER), "a = " + one.repeat(350));
    assertThat(scene.problems())
        .hasSizeLessThanOrEqualTo(21)
        .allSatisfy(l -> assertThat(l).hasSizeLessThan(400));
  }

  @Test
  void nestedAsDeeplyAsNoSettingsAre() throws IOException {
    String value = "[".repeat(350) + "]".repeat(350);
    Files.writeString(scene.nioPath(SettingsScene.HOME_CLAUDEX), "a = " + value);
    assertThat(scene.problems())
        .containsExactly(
            SettingsScene.HOME_CLAUDEX
                + ": is nested too deeply or too large to be read; simplify it, or remove it");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'[['",
        "\"\\\"[[\"",
        "'''\n[\n'''",
        "\"\"\"\\\"\"[\"\"\"",
        "1 # [[ ''' \" {",
        "[[[1]]]"
      })
  void whatOnlyLooksNested(String value) throws IOException, ConfigException {
    StringBuilder text = new StringBuilder("[mine]\n");
    for (int i = 0; i < 100; i++) {
      text.append("k").append(i).append(" = ").append(value).append('\n');
    }
    Files.writeString(scene.nioPath(SettingsScene.HOME_CLAUDEX), text);
    assertThat(scene.settings()).isEqualTo(GuardConfig.defaults());
  }

  @Test
  void aNameAsLongAsAFile() throws IOException {
    String name = "k".repeat(100_000);
    Files.writeString(scene.nioPath(SettingsScene.USER), "[limits]\n" + name + " = 1\n");
    assertThat(scene.problems())
        .singleElement()
        .asString()
        .startsWith(SettingsScene.USER + ":2: limits." + "k".repeat(60) + "...: unknown key; ");
    Files.writeString(scene.nioPath(SettingsScene.USER), name);
    assertThat(scene.problems()).singleElement().asString().hasSizeLessThan(400);
  }

  @Test
  void moreProblemsThanAnybodyReads() throws IOException {
    Files.writeString(scene.nioPath(SettingsScene.USER), unknownKeys(10_000));
    assertThat(scene.problems()).hasSize(21).endsWith("and 9980 more");
    assertThat(catchThrowableOfType(ConfigException.class, scene::load).count()).isEqualTo(10_000);
  }

  @Test
  void aProjectsFileIsNoLouder() throws IOException, ConfigException {
    Files.writeString(scene.nioPath(SettingsScene.PROJECT), unknownKeys(1000));
    assertThat(scene.notices()).hasSize(21).endsWith("and 980 more");
  }

  private static String unknownKeys(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> "k" + i + " = 1\n")
        .collect(Collectors.joining("", "[limits]\n", ""));
  }

  @Test
  void aFifoWithoutAWriter() throws OsException {
    scene.nioPath(SettingsScene.PROJECT);
    Os.linux().makeFifo(scene.path(SettingsScene.PROJECT));
    assertThat(scene.problems()).containsExactly(notRegular(SettingsScene.PROJECT));
  }

  @Test
  void aNamedDirectory() {
    scene.nioPath("/dir/x");
    assertThat(scene.config(scene.path("/dir")).problems()).containsExactly(notRegular("/dir"));
  }

  @Test
  void theLargestFileAndOneByteMore() throws IOException, ConfigException {
    byte[] comment = "#".repeat(1 << 17).getBytes(StandardCharsets.US_ASCII);
    Files.write(scene.nioPath(SettingsScene.USER), comment);
    scene.load();
    Files.write(scene.nioPath(SettingsScene.USER), new byte[(1 << 17) + 1]);
    assertThat(scene.problems())
        .containsExactly(
            SettingsScene.USER + ": can not be read (larger than 131072 bytes)" + REMEDY);
  }

  @Test
  void notUtf8() throws IOException {
    Files.write(scene.nioPath(SettingsScene.USER), new byte[] {'#', (byte) 0xff});
    assertThat(scene.problems())
        .containsExactly(SettingsScene.USER + ": is not UTF-8 text; save it as UTF-8");
  }

  @Test
  void invalidToml() {
    scene.file(SettingsScene.USER, "[limits]", "timeout_seconds = ", "open_files = 10");
    assertThat(scene.problems())
        .singleElement()
        .asString()
        .startsWith(SettingsScene.USER + ":2: invalid TOML: Unexpected end of line, expected ")
        .endsWith("; correct it");
  }

  /** Where assertions are on, the library throws an Error instead of listing this. */
  @Test
  void aControlCharacterBehindTheNameOfATable() {
    scene.file(SettingsScene.USER, "[limits] # x\u0001");
    assertThat(scene.problems())
        .singleElement()
        .asString()
        .startsWith(SettingsScene.USER)
        .contains(": invalid TOML: ");
  }

  /** The library throws these instead of listing them. */
  @ParameterizedTest
  @ValueSource(strings = {"\"\\[\" = 1", "\"\\uD800\" = 1", "\"\\l\".x = 1", "[\"\\[\"]"})
  void anEscapeThatIsNoneInAName(String line) {
    scene.file(SettingsScene.USER, "", line);
    assertThat(scene.problems())
        .singleElement()
        .asString()
        .startsWith(SettingsScene.USER + ":2: invalid TOML: ");
  }

  @Test
  void aKeyTwice() {
    scene.file(SettingsScene.USER, "[limits]", "open_files = 1", "open_files = 2");
    assertThat(scene.problems())
        .singleElement()
        .asString()
        .startsWith(
            SettingsScene.USER + ":3: invalid TOML: open_files previously defined at line 2");
  }

  @Test
  void aFileThatIsItsOwnSystemFileIsReportedOnce() {
    scene.file(SettingsScene.SYSTEM, "limits.nope = 1").config(scene.path(SettingsScene.SYSTEM));
    assertThat(scene.problems()).hasSize(1);
  }

  private static String notRegular(String name) {
    return name + ": can not be read (not a regular file)" + REMEDY;
  }
}
