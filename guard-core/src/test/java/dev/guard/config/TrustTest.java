package dev.guard.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.guard.Leftovers;
import dev.guard.os.OsString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Shows that a project's file may loosen once the user has said that they have read it. */
class TrustTest {
  private static final String MARKS = "/home/.local/state/guard/trusted";

  @TempDir Path folder;
  private SettingsScene scene;

  @BeforeEach
  void aProjectThatLoosens() {
    scene = new SettingsScene(folder).file(SettingsScene.PROJECT, "limits.timeout_seconds = 900");
  }

  private String timeout() throws ConfigException {
    return scene.show(Setting.TIMEOUT);
  }

  @Test
  void itsValuesCountAsTheUsersOwn() throws ConfigException, IOException {
    assertThat(timeout()).isEqualTo("300 from built-in");
    scene.file(SettingsScene.USER, "limits.timeout_seconds = 400").trust();
    assertThat(timeout()).isEqualTo("900 from " + SettingsScene.PROJECT + ":1 (trusted)");
    assertThat(scene.notices()).isEmpty();
    scene.variable("GUARD_TIMEOUT", "7");
    assertThat(timeout()).isEqualTo("7 from GUARD_TIMEOUT");
  }

  @Test
  void itMayTurnLimitsOffAndKeepLeftovers() throws ConfigException, IOException {
    scene
        .file(SettingsScene.PROJECT, "limits.timeout_seconds = 0", "leftovers.policy = 'keep'")
        .trust();
    assertThat(scene.settings().timeout()).isEmpty();
    assertThat(scene.settings().leftovers()).isEqualTo(Leftovers.KEEP);
    assertThat(scene.notices()).isEmpty();
  }

  @Test
  void claudexBlockToo() throws ConfigException, IOException {
    String table = "[features.process_protection]";
    scene.file(SettingsScene.PROJECT, "");
    scene.file(
        SettingsScene.PROJECT_CLAUDEX,
        table,
        "max_processes = 100",
        "rate_limit_per_second = 10",
        "timeout_seconds = 600");
    assertThat(scene.notices()).singleElement().asString().contains("guard trust /home/project");
    assertThat(scene.settings()).isEqualTo(GuardConfig.defaults());
    scene.trust();
    assertThat(scene.settings().maxProcesses()).hasValue(100);
    assertThat(scene.settings().pidsMax()).hasValue(100);
    assertThat(scene.settings().rateLimitPerSecond()).hasValue(10);
    assertThat(scene.settings().timeout().orElseThrow()).hasSeconds(600);
  }

  @Test
  void itEndsWithTheFirstOtherByte() throws ConfigException, IOException {
    scene.trust().file(SettingsScene.PROJECT, "limits.timeout_seconds = 901");
    assertThat(timeout()).isEqualTo("300 from built-in");
    assertThat(scene.notices()).hasSize(1);
    assertThat(states()).containsExactly("CHANGED " + SettingsScene.PROJECT);
    scene.trust();
    assertThat(timeout()).startsWith("901 from ");
    scene.file(SettingsScene.PROJECT, "limits.timeout_seconds = 900");
    assertThat(timeout()).as("what was trusted before the last time").startsWith("300 from ");
  }

  @Test
  void itIsForThatProjectAlone() throws ConfigException, IOException {
    scene.trust();
    scene.file("/home/other/.guard/config.toml", "limits.timeout_seconds = 900");
    scene.in(Optional.of(scene.path("/home/other")));
    assertThat(timeout()).isEqualTo("300 from built-in");
  }

  @Test
  void itCoversNothingElse() throws ConfigException, IOException {
    scene
        .file(SettingsScene.USER, "containment.require = ['pids']")
        .file(
            SettingsScene.PROJECT,
            "budget.name = 'x'",
            "gateway.mode = 'off'",
            "containment.require = []",
            "budgets.x.timeout_seconds = 0",
            "ceiling.timeout_seconds = 0")
        .trust();
    assertThat(scene.notices()).hasSize(5).noneMatch(n -> n.contains("guard trust"));
    assertThat(scene.show(Setting.BUDGET)).isEqualTo("default from built-in");
    assertThat(scene.show(Setting.REQUIRE)).startsWith("pids from ");
  }

  @Test
  void theCeilingBindsIt() throws ConfigException, IOException {
    scene.file(SettingsScene.SYSTEM, "ceiling.timeout_seconds = 800").trust();
    assertThat(timeout()).isEqualTo("300 from built-in");
    assertThat(scene.notices()).singleElement().asString().contains("over the ceiling of 800 (");
  }

  @Test
  void itIsUndone() throws ConfigException, IOException {
    scene.trust();
    OsString below = scene.path("/home/project/src");
    assertThat(scene.trusting().undo(below)).containsExactly(scene.path(SettingsScene.PROJECT));
    assertThat(timeout()).isEqualTo("300 from built-in");
    assertThat(scene.trusting().undo(below)).isEmpty();
    assertThat(scene.trusting().list()).isEmpty();
  }

  @Test
  void ofAProjectThatHasGone() throws IOException {
    scene.trust();
    Files.delete(scene.nioPath(SettingsScene.PROJECT));
    assertThat(states()).containsExactly("GONE " + SettingsScene.PROJECT);
    assertThat(scene.trusting().undo(scene.path("/home/project"))).hasSize(1);
  }

  @Test
  void aMarkThatTheUserHasNotMadeProvesNothing() throws ConfigException, IOException {
    scene.trust();
    Path mark = mark();
    String text = Files.readString(mark);
    Files.writeString(mark, text.replace("project", "proyect"));
    assertThat(timeout()).as("of another file").startsWith("300 from ");
    Files.delete(mark);
    Files.createDirectory(mark);
    assertThat(timeout()).as("a directory").startsWith("300 from ");
    Files.delete(mark);
    Files.writeString(mark, text);
    assertThat(timeout()).as("as it was").startsWith("900 from ");
  }

  @Test
  void aMarkIsWholeOrNotThere() throws IOException {
    scene.trust();
    assertThat(Files.getPosixFilePermissions(mark().getParent())).hasSize(3);
    // What a call left that was killed.
    Files.writeString(
        mark().resolveSibling(".new-" + ProcessHandle.current().pid()), "half a mark");
    scene.trust();
    assertThat(states()).containsExactly("TRUSTED " + SettingsScene.PROJECT);
    try (Stream<Path> all = Files.list(mark().getParent())) {
      assertThat(all).hasSize(1);
    }
  }

  @Test
  void aHomeThatIsNotThereIsNotMade() {
    scene.home(scene.path("/nobody").toString());
    assertThatThrownBy(scene::trust)
        .hasMessageContaining("HOME: ")
        .hasMessageContaining("is no directory");
    assertThat(folder.resolve("nobody")).doesNotExist();
  }

  @Test
  void whereThereIsNoProject() {
    assertThatThrownBy(() -> scene.trusting().give(scene.path("/elsewhere")))
        .hasMessageStartingWith("there is no .guard/config.toml");
  }

  @Test
  void namesThatAShellWouldTakeApartAreQuoted() throws ConfigException {
    scene.file("/home/a b'c/.guard/config.toml", "limits.timeout_seconds = 900");
    scene.in(Optional.of(scene.path("/home/a b'c")));
    assertThat(scene.notices())
        .singleElement()
        .asString()
        .endsWith("; to have its values, read it, then: guard trust '/home/a b'\\''c'");
  }

  private Path mark() throws IOException {
    try (Stream<Path> all = Files.list(scene.nioPath(MARKS + "/x").getParent())) {
      return all.filter(p -> p.getFileName().toString().length() == 64).findFirst().orElseThrow();
    }
  }

  private List<String> states() throws IOException {
    return scene.trusting().list().stream()
        .map(t -> t.state() + " " + t.file().toString().replace(scene.path("").toString(), ""))
        .toList();
  }
}
