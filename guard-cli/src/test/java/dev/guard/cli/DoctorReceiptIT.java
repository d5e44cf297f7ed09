package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.guard.LayerName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Shows that {@code guard doctor} foresees of each layer what the receipt of {@code guard exec}
 * says in the same place. Other layouts of cgroups are compared in the guest, by the matrix.
 */
@ExtendWith(NothingLeft.class)
class DoctorReceiptIT {
  @TempDir private Path directory;

  /** Answers what a receipt says, without what only a command that was started can have. */
  private static String comparable(String name, String state, String limit, String detail) {
    if (!state.equals("active")) {
      return state + (limit.isEmpty() ? "" : " " + limit) + ": " + detail;
    }
    return switch (name) {
        // Followed by what was read back, and where.
      case "pids", "memory", "cpu" -> "active " + limit + ": " + detail.replaceFirst(",.*", "");
        // With a process's number.
      case "process_group", "lifeline" -> "active";
      default -> "active " + limit + ": " + detail;
    };
  }

  private static Map<String, String> received(JsonObject report) {
    Map<String, String> layers = new TreeMap<>();
    for (JsonElement one : report.getAsJsonArray("layers")) {
      JsonObject layer = one.getAsJsonObject();
      String name = layer.get("name").getAsString();
      layers.put(
          name,
          comparable(
              name,
              layer.get("state").getAsString(),
              layer.get("limit").getAsString(),
              layer.get("detail").getAsString()));
    }
    return layers;
  }

  private static Map<String, String> foreseen(UnaryOperator<GuardProcess> place) {
    Map<String, String> layers = new TreeMap<>();
    for (JsonObject finding : Examined.of(place, "cgroups").findings()) {
      if (Examined.text(finding, "check").equals("layer")) {
        layers.put(Examined.text(finding, "subject"), Examined.text(finding, "reason"));
      }
    }
    return layers;
  }

  private static Map<String, String> assertSame(UnaryOperator<GuardProcess> place) {
    Map<String, String> foreseen = foreseen(place);
    assertThat(foreseen).hasSize(LayerName.values().length);
    assertThat(received(Reported.exec(place, "--", "true").report())).isEqualTo(foreseen);
    return foreseen;
  }

  @Test
  void withTheDefaults() {
    assertSame(g -> g.with("GUARD_BUDGET", "receipt"));
  }

  @Test
  void withEveryLayerOffThatCanBe() {
    Map<String, String> layers =
        assertSame(
            g ->
                g.with("GUARD_MAX_PROCESSES", "0")
                    .with("GUARD_RATE_LIMIT", "0")
                    .with("GUARD_TIMEOUT", "0")
                    .with("GUARD_PIDS_MAX", "0")
                    .with("GUARD_OPEN_FILES", "0"));
    assertThat(layers.values()).filteredOn(l -> l.startsWith("off")).hasSize(8);
  }

  /** On a host with v1 hierarchies this one is made in that of cpu alone. */
  @Test
  void withALimitThatIsOffByDefault() {
    Map<String, String> layers =
        assertSame(
            g ->
                g.with("GUARD_BUDGET", "receipt")
                    .with("GUARD_CPU_MAX", "0.5")
                    .with("GUARD_CPU_TIME", "60")
                    .with("GUARD_USER_MAX_PROCESSES", "1000"));
    assertThat(layers.get("cpu")).startsWith("active 0.5");
  }

  @Test
  @Needs("unshare")
  void withoutCgroups() {
    Map<String, String> layers =
        assertSame(
            g ->
                g.with("GUARD_BUDGET", "receipt")
                    .with("GUARD_MEMORY_MAX", "1G")
                    .with("GUARD_CPU_TIME", "60")
                    .withoutCgroups());
    assertThat(layers.get("pids")).startsWith("degraded").contains("no cgroup file system");
    assertThat(layers.get("memory")).startsWith("degraded 1073741824");
  }

  @Test
  void withFewerOpenFilesThanAskedFor() {
    Map<String, String> layers =
        assertSame(
            g ->
                g.with("GUARD_BUDGET", "receipt")
                    .through("sh", "-c", "ulimit -n 1000 && exec \"$@\"", "sh"));
    assertThat(layers.get("open_files")).startsWith("active 1000").endsWith("as inherited");
  }

  @Test
  @Needs("unshare")
  void whereNothingCanBeShared() {
    String script =
        "mount -t tmpfs -o ro none /run && mount --bind /tmp /tmp"
            + " && mount -o remount,bind,ro /tmp && exec \"$@\"";
    UnaryOperator<GuardProcess> place =
        g ->
            g.with("GUARD_BUDGET", "receipt")
                .with("XDG_RUNTIME_DIR", "/run/none")
                .through("unshare", "-m", "sh", "-c", script, "sh");
    Map<String, String> foreseen = foreseen(place);
    assertThat(foreseen.get("registry")).startsWith("degraded 32: it has no record: ");
    Finished f = place.apply(GuardProcess.exec("--report", "fd:1", "--", "true")).run();
    assertThat(f.exit()).as(f.errors()).isZero();
    assertThat(received(Reported.parse(f.output()))).isEqualTo(foreseen);
  }

  @Test
  void insideACommandOfAnother() throws IOException {
    Path doctor = directory.resolve("doctor");
    Path report = directory.resolve("report");
    String script =
        "\"$GUARD\" doctor --json cgroups >\"$0\"; exec \"$GUARD\" exec --report \"$1\" -- true";
    Reported outer = Reported.exec("--", "sh", "-c", script, doctor.toString(), report.toString());
    assertThat(outer.finished().exit()).as(outer.finished().errors()).isZero();
    Map<String, String> received = received(Reported.parse(Files.readString(report)));
    assertThat(received.get("registry")).contains("inside command " + outer.id());
    String said = Files.readString(doctor);
    received.values().forEach(v -> assertThat(said).contains("\"reason\": \"" + v + "\""));
  }

  /** The settings decide whether a missing layer is a caution or lets nothing run. */
  @Test
  @Needs("unshare")
  void whatIsRequiredAndMissingFails() {
    Examined required =
        Examined.of(g -> g.with("GUARD_REQUIRE", "pids").withoutCgroups(), "cgroups");
    assertThat(required.status("layer", "pids")).isEqualTo("fail");
    assertThat(required.status("driver", "")).isEqualTo("caution");
    assertThat(required.status("base", "")).isEqualTo("caution");
    Finished f =
        GuardProcess.exec("--", "true").with("GUARD_REQUIRE", "pids").withoutCgroups().run();
    assertThat(f.exit()).isEqualTo(125);
  }
}
