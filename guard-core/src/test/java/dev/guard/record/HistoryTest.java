package dev.guard.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.guard.os.Os;
import dev.guard.os.OsString;
import dev.guard.store.StateDirectory;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Checks the history of a user, to which all guards write. */
class HistoryTest {
  private static final int WRITERS = 8;
  private static final int LINES = 40;

  @TempDir private Path home;
  private History history;

  @BeforeEach
  void open() {
    history = open(home);
  }

  private static History open(Path home) {
    return new History(
        Os.linux(),
        StateDirectory.of(Os.linux().userId(), Optional.of(home.toString()), List.of()));
  }

  private Path file(String name) {
    return home.resolve("guard").resolve(name);
  }

  private List<String> ids() throws IOException {
    List<String> ids = new ArrayList<>();
    history.read("", e -> ids.add(e.id()));
    return ids;
  }

  /** A file with so many bytes less than a full one, which takes no space. */
  private void almostFull(long room) throws IOException {
    Files.createDirectories(file("events.jsonl").getParent());
    try (RandomAccessFile file = new RandomAccessFile(file("events.jsonl").toFile(), "rw")) {
      file.setLength(History.FULL - room - 1);
      file.seek(file.length());
      file.write('\n');
    }
  }

  @Test
  void whatWasAddedIsReadInItsOrder() throws IOException {
    assertThat(ids()).isEmpty();
    for (int i = 0; i < 3; i++) {
      history.append(Samples.report(i));
    }
    assertThat(ids()).containsExactly(Samples.id(0), Samples.id(1), Samples.id(2));
    history.read(
        "",
        e -> assertThat(e.json() + "\n").isEqualTo(Samples.report(Integer.parseInt(e.id(), 16))));
    assertThat(Files.getPosixFilePermissions(file("events.jsonl"))).hasSize(2);
  }

  @RepeatedTest(3)
  void aRotationAmidSeveralWritersLosesNoLine() throws Exception {
    almostFull((long) WRITERS * LINES / 2 * Samples.report(0).length());
    List<Object> answers =
        AtOnce.run(
            WRITERS,
            writer ->
                () -> {
                  History own = open(home);
                  for (int i = 0; i < LINES; i++) {
                    own.append(Samples.report(writer * LINES + i));
                  }
                  return "written";
                });
    assertThat(answers).containsOnly("written");
    assertThat(ids())
        .containsExactlyInAnyOrderElementsOf(
            IntStream.range(0, WRITERS * LINES).mapToObj(Samples::id).toList());
    assertThat(file("events.jsonl.1")).exists();
    assertThat(Files.size(file("events.jsonl.1"))).isGreaterThanOrEqualTo(History.FULL);
    assertThat(file("events.jsonl.2")).doesNotExist();
  }

  @Test
  void ofSeveralWhoFindItFullOneRotatesIt() throws Exception {
    for (int round = 1; round <= 15; round++) {
      almostFull(0);
      List<Object> answers =
          AtOnce.run(
              WRITERS,
              i ->
                  () -> {
                    open(home).append(Samples.report(i));
                    return "written";
                  });
      assertThat(answers).as("round %d", round).containsOnly("written");
      assertThat(ids()).hasSize(WRITERS);
      for (String name : List.of("events.jsonl", "events.jsonl.1")) {
        Files.deleteIfExists(file(name));
      }
      assertThat(file("events.jsonl.2")).doesNotExist();
    }
  }

  @Test
  void noMoreThanSoManyFilesAreKept() throws IOException {
    for (int i = 0; i < History.KEPT + 2; i++) {
      almostFull(0);
      history.append(Samples.report(i));
      assertThat(file("events.jsonl")).doesNotExist();
    }
    assertThat(file("events.jsonl." + History.KEPT)).exists();
    assertThat(file("events.jsonl." + (History.KEPT + 1))).doesNotExist();
    assertThat(ids())
        .as("the newest, the first first")
        .containsExactly(Samples.id(2), Samples.id(3), Samples.id(4), Samples.id(5));
  }

  /** Many guards may rotate while one that reads waits for whoever takes its output. */
  @Test
  void aRotationWhileItIsReadLosesNothing() throws IOException {
    List<Integer> numbers = List.of(1, 2, 3);
    for (int i : numbers) {
      history.append(Samples.report(i));
      if (i < 3) {
        Files.move(file("events.jsonl"), file("events.jsonl." + (3 - i)));
      }
    }
    List<String> ids = new ArrayList<>();
    history.read(
        "",
        e -> {
          if (ids.isEmpty()) {
            rotated();
          }
          ids.add(e.id());
        });
    assertThat(ids).isEqualTo(numbers.stream().map(Samples::id).toList());
  }

  private void rotated() {
    try {
      for (int i = 2; i >= 0; i--) {
        String name = "events.jsonl" + (i == 0 ? "" : "." + i);
        Files.move(file(name), file("events.jsonl." + (i + 1)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aLineWithoutAnEndTakesNoMoreMemoryThanTheLongestReport() throws IOException {
    history.append(Samples.report(1));
    long hole = 20L << 20;
    try (RandomAccessFile file = new RandomAccessFile(file("events.jsonl").toFile(), "rw")) {
      file.setLength(hole);
      file.seek(hole);
      file.writeBytes("\n" + Samples.report(2));
    }
    List<String> ids = new ArrayList<>();
    history.read("", e -> ids.add(e.id()));
    assertThat(ids).containsExactly(Samples.id(1), Samples.id(2));
  }

  @Test
  void linesThatAreNoneAreLeftOut() throws IOException {
    history.append(Samples.report(1));
    String whole = Samples.report(2);
    for (String damaged :
        List.of(
            "",
            "{}",
            "null",
            "[1]",
            "\0\0",
            "\u00ff\u00fe",
            whole.substring(0, whole.length() / 2),
            whole.replace("\"times\":{", "\"times\":3,\"x\":{").strip(),
            whole.replace("\"argv\":[\"true\"]", "\"argv\":\"true\"").strip(),
            whole.replace(Samples.REQUESTED.toString(), "yesterday").strip())) {
      Files.write(
          file("events.jsonl"),
          (damaged + "\n").getBytes(StandardCharsets.ISO_8859_1),
          StandardOpenOption.APPEND);
    }
    history.append(Samples.report(3));
    assertThat(ids()).containsExactly(Samples.id(1), Samples.id(3));
  }

  @Test
  void aLineThatWasCutOffDoesNotSpoilTheNext() throws IOException {
    history.append(Samples.report(1));
    String cutOff = Samples.report(2).substring(0, 50);
    Files.writeString(file("events.jsonl"), cutOff, StandardOpenOption.APPEND);
    history.append(Samples.report(3));
    history.append(Samples.report(4));
    assertThat(ids()).containsExactly(Samples.id(1), Samples.id(3), Samples.id(4));
  }

  @Test
  void aLinkInItsPlaceIsNotFollowed() throws IOException {
    Path foreign = Files.writeString(home.resolve("foreign"), "");
    Files.createDirectories(file("events.jsonl").getParent());
    Files.createSymbolicLink(file("events.jsonl"), foreign);
    assertThatThrownBy(() -> history.append(Samples.report(1))).isInstanceOf(IOException.class);
    assertThat(foreign).isEmptyFile();
  }

  @Test
  void withoutAHomeItCanNotBeWrittenAndIsEmpty() throws IOException {
    History nowhere =
        new History(
            Os.linux(), StateDirectory.of(Os.linux().userId(), Optional.of("relative"), List.of()));
    assertThatThrownBy(() -> nowhere.append(Samples.report(1)))
        .hasMessage("neither XDG_STATE_HOME nor HOME names a directory of yours");
    nowhere.read("", e -> assertThat(e).isNull());
  }

  @Test
  @Timeout(value = 30, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void whatIsNoFileIsNamedAndTheOthersAreRead() throws IOException {
    history.append(Samples.report(1));
    Files.move(file("events.jsonl"), file("events.jsonl.1"));
    Os.linux().makeFifo(OsString.of(file("events.jsonl").toString()));
    String why = file("events.jsonl") + " can not be used: it is a FIFO; remove it";
    assertThatThrownBy(() -> history.append(Samples.report(2))).hasMessage(why);
    List<String> ids = new ArrayList<>();
    assertThatThrownBy(() -> history.read("", e -> ids.add(e.id()))).hasMessage(why);
    assertThat(ids).containsExactly(Samples.id(1));
  }

  @Test
  void aLineThatIsBeingWrittenIsNotTakenForOneThatWasCutOff() throws Exception {
    // A long write(2) is seen bit by bit.
    String line = "x".repeat(1 << 20) + "\n";
    List<Object> answers =
        AtOnce.run(
            WRITERS,
            writer ->
                () -> {
                  for (int i = 0; i < 12; i++) {
                    open(home).append(line);
                  }
                  return "written";
                });
    assertThat(answers).containsOnly("written");
    long lines = 0;
    for (String name : List.of("events.jsonl", "events.jsonl.1", "events.jsonl.2")) {
      if (Files.exists(file(name))) {
        List<String> all = Files.readAllLines(file(name), StandardCharsets.ISO_8859_1);
        assertThat(all).as("blank lines of %s", name).noneMatch(String::isEmpty);
        lines += all.size();
      }
    }
    assertThat(lines).isPositive();
  }
}
