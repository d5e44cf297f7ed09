package dev.guard.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.guard.Layer;
import dev.guard.LayerName;
import dev.guard.os.OsString;
import dev.guard.os.ProcessId;
import dev.guard.record.RecordJson.DamagedRecordException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** A record is read as it was written; text that no guard wrote is told from it. */
class RecordJsonTest {
  private static final String BOOT = "this-boot";
  private static final CommandRecord WHOLE =
      Samples.record(1, Optional.of("name"), new ProcessId(9, 10));

  private static Optional<CommandRecord> again(CommandRecord record) throws Exception {
    return RecordJson.parse(RecordJson.format(record, BOOT), BOOT);
  }

  @Provide
  Arbitrary<OsString> bytes() {
    return Arbitraries.bytes()
        .filter(b -> b != 0)
        .array(byte[].class)
        .ofMaxSize(20)
        .map(OsString::ofBytes);
  }

  @Property
  void anyBytesComeBack(
      @ForAll List<@net.jqwik.api.From("bytes") OsString> argv, @ForAll("bytes") OsString directory)
      throws Exception {
    CommandRecord record = with(argv, Optional.of(directory));
    assertThat(again(record)).contains(record);
  }

  @Example
  void aLostLayerIsToldFromADegradedOne() throws Exception {
    Layer lost = Layer.degraded(LayerName.PIDS, 32, "why").lostThisTime();
    CommandRecord record =
        WHOLE.held(WHOLE.member().orElseThrow(), Optional.empty(), List.of(lost));
    assertThat(again(record).orElseThrow().layers()).containsExactly(lost);
    assertThat(lost).isNotEqualTo(Layer.degraded(LayerName.PIDS, 32, "why"));
  }

  private static CommandRecord with(List<OsString> argv, Optional<OsString> directory) {
    return new CommandRecord(
        WHOLE.id(),
        WHOLE.name(),
        WHOLE.budget(),
        argv,
        directory,
        WHOLE.detached(),
        WHOLE.outer(),
        WHOLE.requested(),
        WHOLE.guard(),
        WHOLE.member(),
        WHOLE.lifeline(),
        WHOLE.deadline(),
        WHOLE.killAfter(),
        WHOLE.layers(),
        WHOLE.left());
  }

  @Example
  void whatIsNotThereIsNotThereAfterwards() throws Exception {
    CommandRecord bare =
        new CommandRecord(
            WHOLE.id(),
            Optional.empty(),
            "b",
            List.of(),
            Optional.empty(),
            false,
            Optional.empty(),
            WHOLE.requested(),
            WHOLE.guard(),
            Optional.empty(),
            WHOLE.lifeline(),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            Optional.empty());
    assertThat(again(bare)).contains(bare);
    CommandRecord kept = bare.left(new CommandRecord.Left(Optional.empty()));
    assertThat(again(kept)).contains(kept);
  }

  /** The wall clock is what it was when the record was written, or somebody has set it since. */
  @Example
  void agesAndWhatIsLeftDoNotComeFromTheWallClock() throws Exception {
    long hour = Duration.ofHours(1).toNanos();
    CommandRecord record =
        again(
                WHOLE.with(
                    new Monotonic(
                        OptionalLong.of(System.nanoTime() - hour),
                        OptionalLong.of(System.nanoTime() + hour))))
            .orElseThrow();
    assertThat(record.requested()).as("the wall clock jumped").isNotEqualTo(Instant.now());
    assertThat(record.age()).isBetween(Duration.ofHours(1), Duration.ofMinutes(70));
    assertThat(record.timeLeft().orElseThrow())
        .isBetween(Duration.ofMinutes(50), Duration.ofHours(1));
  }

  /** Of a guard of yesterday only the wall clock is known. */
  @Example
  void whatIsNotYetIsNeverNegative() {
    Instant tomorrow = Instant.now().plus(Duration.ofDays(1));
    Instant yesterday = Instant.now().minus(Duration.ofDays(1));
    assertThat(Monotonic.since(OptionalLong.empty(), tomorrow)).isZero();
    assertThat(Monotonic.until(OptionalLong.empty(), yesterday)).isZero();
    assertThat(Monotonic.since(OptionalLong.of(System.nanoTime() + 1_000_000_000L), yesterday))
        .isZero();
  }

  /** A guard of today ends what one of yesterday has started. */
  @Example
  void aRecordWithoutAGraceIsWhole() throws Exception {
    assertThat(WHOLE.killAfter()).isPresent();
    JsonObject older = JsonParser.parseString(RecordJson.format(WHOLE, BOOT)).getAsJsonObject();
    assertThat(older.remove("kill_after")).isNotNull();
    CommandRecord read = RecordJson.parse(older.toString(), BOOT).orElseThrow();
    assertThat(read.killAfter()).isEmpty();
    assertThat(read)
        .usingRecursiveComparison()
        .ignoringFields("killAfter")
        .isEqualTo(again(WHOLE).orElseThrow());
  }

  @Example
  void aRecordFromBeforeLossesWereCountedHasNone() throws Exception {
    assertThat(WHOLE.outputLost()).isPositive();
    JsonObject older = JsonParser.parseString(RecordJson.format(WHOLE, BOOT)).getAsJsonObject();
    assertThat(older.remove("output_lost_bytes")).isNotNull();
    assertThat(RecordJson.parse(older.toString(), BOOT))
        .contains(again(WHOLE.withOutputLost(0)).orElseThrow());
  }

  /** Guards of two versions share a store: one must not set aside what the other has written. */
  @Example
  void aLayerOfANewerGuardIsNoDamage() throws Exception {
    String newer =
        RecordJson.format(WHOLE, BOOT).replace("\"name\":\"pids\"", "\"name\":\"tomorrow\"");
    CommandRecord read = RecordJson.parse(newer, BOOT).orElseThrow();
    assertThat(read.layers()).containsExactly(WHOLE.layers().get(1));
  }

  @Example
  void ofAnotherBootThereIsNone() throws Exception {
    assertThat(RecordJson.parse(RecordJson.format(WHOLE, "before"), BOOT)).isEmpty();
  }

  @Property(tries = 300)
  void aRecordThatIsCutOffIsDamaged(@ForAll("cuts") int length) {
    String text = RecordJson.format(WHOLE, BOOT).strip().substring(0, length);
    assertThatThrownBy(() -> RecordJson.parse(text, BOOT))
        .isInstanceOf(DamagedRecordException.class);
  }

  @Provide
  Arbitrary<Integer> cuts() {
    return Arbitraries.integers().between(0, RecordJson.format(WHOLE, BOOT).strip().length() - 1);
  }

  /**
   * Each member replaced by each kind of value, or left out: a record, or damage, never a crash.
   */
  @Example
  void aForeignValueNeverDoesMoreThanDamage() {
    List<String> undamaged = new ArrayList<>();
    JsonObject whole = JsonParser.parseString(RecordJson.format(WHOLE, BOOT)).getAsJsonObject();
    for (String member : whole.keySet()) {
      for (String value : List.of("null", "\"x\"", "-1", "1e99", "true", "[]", "[[]]", "{}", "")) {
        JsonObject changed = whole.deepCopy();
        changed.remove(member);
        if (!value.isEmpty()) {
          changed.add(member, element(value));
        }
        if (parses(changed.toString())) {
          undamaged.add(member);
        }
      }
    }
    assertThat(undamaged)
        .contains("boot", "name", "deadline")
        .doesNotContain("version", "id", "requested", "guard", "lifeline");
  }

  private static JsonElement element(String value) {
    return JsonParser.parseString(value);
  }

  private static boolean parses(String text) {
    try {
      RecordJson.parse(text, BOOT);
      return true;
    } catch (RecordJson.DamagedRecordException | RecordJson.NewerException e) {
      return false;
    }
  }

  @Example
  void aCgroupOfAnythingElseIsNotTrusted() {
    String text = RecordJson.format(WHOLE, BOOT);
    String place = "/sys/fs/cgroup/guard/cmd_" + WHOLE.id();
    assertThat(text).contains(place);
    for (String other :
        List.of("/sys/fs/cgroup/guard", "guard/cmd_" + WHOLE.id(), place + "/..", "/")) {
      assertThat(parses(text.replace(place, other))).as(other).isFalse();
    }
  }
}
