package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Shows that {@code guard doctor} changes nothing. */
@ExtendWith({NothingLeft.class, ReapLock.class})
class DoctorHarmlessIT {
  private static final String DEAD = ".2147483.1";

  @TempDir private Path directory;
  private OwnStore store;

  @BeforeEach
  void storeOfItsOwn() {
    store = OwnStore.in(directory.resolve("own"));
  }

  private Examined doctor(String... areas) {
    return Examined.of(store::on, areas);
  }

  /**
   * Of all its steps that others can notice, as the tracer finds them, there are only: what it
   * prints, the start of programs that only answer, with their pipes, and the probe of clone3,
   * which must fail. A program is asked, since /run says that systemd is there.
   */
  @Test
  @Needs("cc")
  void itHasNoStepThatOthersNotice() throws IOException {
    Files.createDirectories(directory.resolve("own/run/systemd/system"));
    Path report = directory.resolve("report");
    String[] tracer =
        new KillAtStep(directory).words(report, Integer.MAX_VALUE, KillAtStep.ANY_GUARD);
    Finished f = store.on(GuardProcess.of("doctor", "--json"), tracer).run();
    assertThat(f.exit()).as(f.errors()).isZero();
    assertThat(f.output()).contains("\"check\": \"manager\"");
    List<String> steps =
        MachineRemains.text(report).lines().filter(l -> l.matches("\\d.*")).toList();
    assertThat(steps)
        .as("a program was asked, and waited for")
        .anyMatch(l -> l.endsWith(" wait4 "))
        .anyMatch(l -> l.contains("exit_group"));
    assertThat(steps.stream().filter(l -> l.endsWith(" clone3 "))).hasSizeBetween(1, 2);
    assertThat(steps)
        .allMatch(
            l ->
                l.matches(
                    "\\d+ (write /.*/stdout\\d+: .*"
                        // The JVM's own, about itself.
                        + "|(openat|close) /proc/(self|\\d+)/coredump_filter"
                        + "|(write|close) pipe:.*|(openat|close) /dev/null"
                        + "|v?fork |clone |clone3 |wait4 "
                        + "|exit_group )"));
  }

  @Test
  void aStoreWithoutRecordsIsNotMade() {
    doctor();
    assertThat(directory.resolve("own/run")).isEmptyDirectory();
    assertThat(directory.resolve("own/state")).doesNotExist();
    assertThat(directory.resolve("own/work")).isEmptyDirectory();
  }

  /** Every file with its time and its text. */
  private Map<String, String> everything() throws IOException {
    Map<String, String> all = new TreeMap<>();
    try (Stream<Path> walk = Files.walk(store.directory())) {
      for (Path path : walk.filter(p -> !p.startsWith(directory.resolve("own/work"))).toList()) {
        String text = Files.isDirectory(path) ? "" : MachineRemains.text(path);
        all.put(path.toString(), Files.getLastModifiedTime(path) + " " + text);
      }
    }
    return all;
  }

  /**
   * A record whose guard was killed, half-written files and damaged ones: the remedy clears them.
   */
  @Test
  void whatKilledGuardsHaveLeftIsFoundAndStays() throws IOException {
    Path commands = directory.resolve("own/run/guard/commands");
    Running guard =
        store.on(GuardProcess.exec("--", "sh", "-c", "echo $GUARD_ID >id; exec sleep 300")).start();
    Polling.until("it runs", () -> store.work("id").length() == 17);
    String id = store.work("id").strip();
    Path record = record(commands, id);
    String text = Files.readString(record);
    guard.signal("TERM");
    assertThat(guard.await().exit()).isEqualTo(143);
    assertThat(record).doesNotExist();
    Files.writeString(record, text);
    Files.writeString(commands.resolve("00000000000000aa" + DEAD + ".new"), "{");
    Files.writeString(commands.resolve("00000000000000bb" + DEAD + ".json"), "{");
    Map<String, String> before = everything();

    Examined found = doctor("leaks", "headroom");
    assertThat(everything()).isEqualTo(before);
    assertThat(found.status("stale", "")).isEqualTo("caution");
    assertThat(found.details("stale", ""))
        .contains(id, "00000000000000aa", "00000000000000bb", "damaged");

    String script = found.script("stale", "");
    assertThat(script).isEqualTo(GuardProcess.GUARD.toRealPath() + " reap\n");
    Finished reaped = store.on(GuardProcess.script("set -e\n" + script)).run();
    assertThat(reaped.exit()).as(reaped.errors()).isZero();
    String left = doctor("leaks").details("stale", "");
    assertThat(left).doesNotContain(id, "00000000000000aa", "00000000000000bb");
  }

  private static Path record(Path commands, String id) throws IOException {
    try (Stream<Path> all = Files.list(commands)) {
      return all.filter(p -> p.getFileName().toString().matches(id + "[.].*[.]json"))
          .findFirst()
          .orElseThrow();
    }
  }

  /** A command that lives is looked at, and lives on as it was. */
  @Test
  void aCommandThatRunsIsLeftAlone() throws IOException {
    Running guard =
        store
            .on(
                GuardProcess.exec(
                    "--pids-max=50", "--", "sh", "-c", "echo $GUARD_ID >id; exec sleep 300"))
            .start();
    Polling.until("it runs", () -> store.work("id").length() == 17);
    String id = store.work("id").strip();
    Polling.until(
        "its record is whole", () -> store.files().stream().noneMatch(f -> f.endsWith(".new")));
    Map<String, String> before = everything();
    Examined found = doctor();
    assertThat(everything()).isEqualTo(before);
    assertThat(found.details("descriptors", "")).contains("command " + id);
    assertThat(guard.isAlive()).isTrue();
    guard.signal("TERM");
    guard.await();
  }
}
