package dev.guard.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.guard.os.Os;
import dev.guard.os.OsString;
import dev.guard.os.ProcessId;
import dev.guard.os.Procfs;
import dev.guard.record.RecordFiles.NameTakenException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Checks the records that all guards of a user share. */
class RecordFilesTest {
  // No process can have this number.
  private static final ProcessId DEAD = new ProcessId(999_999_999, 1);
  private static final int THREADS = 8;

  @TempDir private Path directory;
  private Path store;
  private ProcessId self;
  private RecordFiles files;

  @BeforeEach
  void open() throws IOException {
    store = directory.resolve("guard");
    self = ProcessId.of(Os.linux().pid(), Procfs.system());
    files = anotherGuards();
  }

  private RecordFiles anotherGuards() throws IOException {
    return new RecordFiles(Os.linux(), Procfs.system(), store);
  }

  private static List<String> setAside(RecordFiles files) throws IOException {
    List<String> said = new ArrayList<>();
    for (RecordFiles.Damaged damaged : files.live().damaged()) {
      RecordFiles.setAside(damaged).ifPresent(said::add);
    }
    return said;
  }

  private CommandRecord unnamed(int number) {
    return Samples.record(number, Optional.empty(), self);
  }

  private CommandRecord named(int number, String name) {
    return Samples.record(number, Optional.of(name), self);
  }

  private Path file(CommandRecord r) {
    ProcessId guard = r.guard();
    return store.resolve(
        "commands/" + r.id() + "." + guard.pid() + "." + guard.startTicks() + ".json");
  }

  private List<String> names(String folder) throws IOException {
    try (Stream<Path> all = Files.list(store.resolve(folder))) {
      return all.map(p -> p.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void anotherGuardReadsWhatThisOneWrote() throws IOException {
    assertThat(files.live().records()).as("before there is a directory").isEmpty();
    files.putNew(unnamed(2));
    files.putNew(unnamed(1));
    RecordFiles other = anotherGuards();
    assertThat(other.live())
        .isEqualTo(
            new RecordFiles.LiveRecords(List.of(unnamed(1), unnamed(2)), List.of(), List.of()));
    CommandRecord changed = unnamed(1).left(new CommandRecord.Left(Optional.empty()));
    files.put(changed);
    assertThat(other.find(Samples.id(1))).contains(changed);
    assertThat(other.remove(changed)).isTrue();
    assertThat(files.remove(changed)).as("by somebody else").isFalse();
    assertThat(files.find(Samples.id(1))).isEmpty();
    assertThat(Files.getPosixFilePermissions(store.resolve("commands"))).hasSize(3);
  }

  @Test
  void whatIsNoRecordIsSetAsideAndSaidSo() throws IOException {
    files.put(unnamed(1));
    files.put(unnamed(2));
    String whole = Files.readString(file(unnamed(1)));
    for (String damaged :
        List.of(
            "",
            "{}",
            "null",
            whole.substring(0, whole.length() / 2),
            whole.replace("\"version\":1", "\"version\":0"),
            whole.replace("\"guard\":{", "\"guard\":7,\"x\":{"),
            whole.replace(Samples.id(1), Samples.id(3)),
            "\u00ff\u00fe")) {
      Files.write(file(unnamed(1)), damaged.getBytes(StandardCharsets.ISO_8859_1));
      assertThat(files.live().records()).as(damaged).containsExactly(unnamed(2));
      assertThat(setAside(files))
          .singleElement()
          .asString()
          .startsWith(file(unnamed(1)) + " was damaged (")
          .endsWith("); it is kept as " + file(unnamed(1)) + ".damaged");
      assertThat(setAside(files)).as("said once").isEmpty();
    }
  }

  @Test
  void whatANewerGuardWroteIsLeftToThat() throws IOException {
    files.put(unnamed(1));
    String newer =
        Files.readString(file(unnamed(1))).replace("\"version\":1", "\"version\":2,\"x\":[]");
    Files.writeString(file(unnamed(1)), newer);
    assertThat(files.live())
        .isEqualTo(new RecordFiles.LiveRecords(List.of(), List.of(), List.of()));
    assertThat(file(unnamed(1))).hasContent(newer);
  }

  @Test
  void aDirectoryInItsPlaceIsSetAside() throws IOException {
    Files.createDirectories(file(unnamed(1)).resolve("x"));
    assertThat(setAside(files)).hasSize(1);
    assertThat(files.live())
        .isEqualTo(new RecordFiles.LiveRecords(List.of(), List.of(), List.of()));
  }

  @Test
  void severalWhoFindDamageAtOnceDoNotFail() throws Exception {
    for (int round = 0; round < 10; round++) {
      for (int i = 0; i < 20; i++) {
        files.put(unnamed(i));
        Files.writeString(file(unnamed(i)), "{}");
      }
      List<Object> damage = AtOnce.run(THREADS, i -> () -> setAside(anotherGuards()));
      assertThat(damage).allSatisfy(d -> assertThat(d).isInstanceOf(List.class));
      assertThat(damage.stream().flatMap(d -> ((List<?>) d).stream()))
          .hasSizeGreaterThanOrEqualTo(20);
    }
  }

  @Test
  void filesOfOthersAreLeftAlone() throws IOException {
    files.put(unnamed(1));
    for (String name : List.of("README", "x.json", Samples.id(1) + ".json", "names.lock")) {
      Files.writeString(store.resolve("commands").resolve(name), "theirs");
    }
    assertThat(files.live())
        .isEqualTo(new RecordFiles.LiveRecords(List.of(unnamed(1)), List.of(), List.of()));
    assertThat(names("commands")).hasSize(5);
  }

  @Test
  void recordsOfAnotherBootAreRemoved() throws IOException {
    files.put(unnamed(1));
    String boot = Procfs.system().systemText("sys/kernel/random/boot_id").trim();
    Files.writeString(file(unnamed(1)), Files.readString(file(unnamed(1))).replace(boot, "before"));
    assertThat(files.live())
        .isEqualTo(new RecordFiles.LiveRecords(List.of(), List.of(), List.of()));
    assertThat(names("commands")).isEmpty();
  }

  @Test
  void toLookTouchesNoFile() throws IOException {
    files.put(unnamed(1));
    String boot = Procfs.system().systemText("sys/kernel/random/boot_id").trim();
    Files.writeString(file(unnamed(1)), Files.readString(file(unnamed(1))).replace(boot, "before"));
    Path half =
        Path.of(
            file(Samples.record(2, Optional.empty(), DEAD)).toString().replace(".json", ".new"));
    Files.writeString(half, "{\"ver");
    RecordFiles.LiveRecords seen = files.look();
    assertThat(seen.stale()).containsExactlyInAnyOrder(file(unnamed(1)), half);
    assertThat(names("commands")).hasSize(2);
  }

  @Test
  void whatADeadGuardLeftHalfWrittenIsRemoved() throws IOException {
    Path ofDead = file(Samples.record(1, Optional.empty(), DEAD));
    Path ofLive = file(unnamed(2));
    Files.createDirectories(ofDead.getParent());
    for (Path file : List.of(ofDead, ofLive)) {
      Files.writeString(Path.of(file.toString().replace(".json", ".new")), "{\"ver");
    }
    assertThat(files.live())
        .isEqualTo(new RecordFiles.LiveRecords(List.of(), List.of(), List.of()));
    assertThat(names("commands"))
        .containsExactly(ofLive.getFileName().toString().replace(".json", ".new"));
  }

  @Test
  void orphansAreThoseOfDeadGuards() throws IOException {
    files.put(unnamed(1));
    assertThat(files.hasOrphans()).isFalse();
    files.put(Samples.record(2, Optional.empty(), DEAD));
    assertThat(files.hasOrphans()).isTrue();
  }

  // Threads of one moment do not always meet.
  @RepeatedTest(30)
  void aNameIsOneLiveCommandsAlone() throws Exception {
    List<Object> answers =
        AtOnce.run(
            THREADS,
            i ->
                () -> {
                  anotherGuards().putNew(named(i, "n"));
                  return i;
                });
    assertThat(answers).filteredOn(Integer.class::isInstance).hasSize(1);
    int first = (int) answers.stream().filter(Integer.class::isInstance).findFirst().orElseThrow();
    assertThat(answers).filteredOn(NameTakenException.class::isInstance).hasSize(THREADS - 1);
    assertThat(files.live().records()).containsExactly(named(first, "n"));
    assertThatThrownBy(() -> files.putNew(named(77, "n")))
        .hasMessage(
            "name n is taken by command "
                + Samples.id(first)
                + "; choose another, or end that one");
    files.putNew(named(78, "other"));
    files.remove(named(first, "n"));
    files.putNew(named(77, "n"));
  }

  @Test
  void ofThoseThatHaveEndedTheLastAreKept() throws IOException {
    for (int i = 0; i < RecordFiles.ENDED_KEPT + 5; i++) {
      files.putEnded(Samples.id(i), Samples.report(i));
    }
    List<EndedCommand> ended = anotherGuards().ended().commands();
    assertThat(ended).hasSize(RecordFiles.ENDED_KEPT);
    assertThat(ended.get(0).id()).isEqualTo(Samples.id(5));
    assertThat(names("ended")).hasSize(RecordFiles.ENDED_KEPT);
    assertThat(files.removeEnded(Samples.id(5))).isTrue();
    assertThat(files.removeEnded(Samples.id(5))).as("again").isFalse();
  }

  @Test
  void aDamagedReportOfOneThatHasEndedIsLeftOut() throws IOException {
    files.putEnded(Samples.id(1), Samples.report(1));
    files.putEnded(Samples.id(2), Samples.report(2));
    Files.writeString(store.resolve("ended/" + Samples.id(1) + ".json"), "{\"times\":1}");
    assertThat(files.ended().commands())
        .extracting(EndedCommand::id)
        .containsExactly(Samples.id(2));
    assertThat(files.ended().damaged()).hasSize(1);
  }

  @Test
  @Timeout(value = 30, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void whatIsNoFileIsSetAsideAndNobodyWaitsForIt() throws IOException {
    files.put(unnamed(2));
    files.putEnded(Samples.id(2), Samples.report(2));
    OsString record = OsString.of(file(unnamed(1)).toString());
    Path report = store.resolve("ended/" + Samples.id(1) + ".json");
    Os.linux().makeFifo(record);
    Files.createSymbolicLink(report, store.resolve("ended/" + Samples.id(2) + ".json"));
    assertThat(files.live().records()).containsExactly(unnamed(2));
    assertThat(setAside(files))
        .containsExactly(
            record + " was damaged (it is a FIFO); it is kept as " + record + ".damaged");
    RecordFiles.EndedRecords ended = files.ended();
    assertThat(ended.commands()).extracting(EndedCommand::id).containsExactly(Samples.id(2));
    assertThat(ended.damaged())
        .containsExactly(new RecordFiles.Damaged(report, "it is a symbolic link"));
  }

  @Test
  void whatCanNotBeSetAsideIsSaidAndTheOthersAreRead() throws IOException {
    files.put(unnamed(2));
    Files.writeString(file(unnamed(1)), "");
    Path aside = Path.of(file(unnamed(1)) + ".damaged");
    Files.createDirectories(aside.resolve("full"));
    assertThat(setAside(files))
        .singleElement()
        .asString()
        .endsWith(
            "; it could not be kept: " + aside + " is a directory with files in it; remove it");
    assertThat(files.live().records()).containsExactly(unnamed(2));
  }

  @Test
  void anIdIsNoPath() throws IOException {
    files.putEnded(Samples.id(1), Samples.report(1));
    Path report = store.resolve("ended/" + Samples.id(1) + ".json");
    String whole = Files.readString(report);
    for (String id : List.of("../../victim", Samples.id(2), "", "a b")) {
      Files.writeString(report, whole.replace(Samples.id(1), id));
      assertThat(files.ended().commands()).as(id).isEmpty();
      assertThat(files.ended().damaged()).hasSize(1);
    }
    assertThatThrownBy(() -> files.removeEnded("../../victim"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  @Timeout(value = 30, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void aDirectoryThatIsNoneIsNamed() throws IOException {
    files.put(unnamed(1));
    Path commands = store.resolve("commands");
    Files.move(commands, store.resolve("moved"));
    Files.createSymbolicLink(commands, store.resolve("moved"));
    assertThatThrownBy(() -> files.live()).hasMessage(commands + " is no directory; remove it");
    assertThatThrownBy(() -> files.put(unnamed(2)))
        .hasMessageContaining(commands + " is no directory; remove it");
    Files.delete(commands);
    Os.linux().makeFifo(OsString.of(commands.toString()));
    assertThatThrownBy(() -> files.live()).hasMessage(commands + " is no directory; remove it");
  }
}
