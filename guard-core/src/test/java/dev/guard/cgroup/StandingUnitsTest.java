package dev.guard.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.guard.os.Cgroupfs;
import dev.guard.os.Kernel;
import dev.guard.os.Procfs;
import dev.guard.systemd.UnitManager;
import dev.guard.systemd.UnitProperty;
import dev.guard.testing.FakeOs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Shows which units a gateway has a manager make, on a tree of plain files. */
class StandingUnitsTest {
  private static final int SHIM = 4711;
  private static final String MOUNT = "sys/fs/cgroup";
  private static final String SESSION = "/user.slice/user-1000.slice/session-2.scope";
  private static final String OWN = "/user.slice/user-1000.slice/user@1000.service";
  private static final Duration LONG = Duration.ofHours(1);

  @TempDir private Path root;
  private final Fake manager = new Fake(OWN + "/app.slice/");
  private final Fake system = new Fake("/");

  /** A manager whose units begin at once, each with a process of its own. */
  private final class Fake implements UnitManager {
    private final String top;
    private final Map<String, List<UnitProperty>> units = new HashMap<>();
    private final Map<String, Map<String, Object>> properties = new HashMap<>();
    private final List<String> stopped = new ArrayList<>();
    private int asked;
    private int next = 100;
    private Runnable duringStart = () -> {};

    Fake(String top) {
      this.top = top;
    }

    @Override
    public boolean start(String unit, List<UnitProperty> of) throws IOException {
      duringStart.run();
      if (units.putIfAbsent(unit, of) != null) {
        return false;
      }
      int pid = next++;
      process(pid, "guard-commands", top + unit);
      properties.put(unit, Map.of("MainPID", (long) pid));
      return true;
    }

    @Override
    public void stop(String unit) throws IOException {
      stopped.add(unit);
      end(unit);
    }

    void end(String unit) throws IOException {
      units.remove(unit);
      Object pid = properties.remove(unit).get("MainPID");
      Files.delete(root.resolve("proc/" + pid + "/stat"));
    }

    @Override
    public void attach(String unit, Path cgroup, int pid) {
      throw new AssertionError("not expected");
    }

    @Override
    public Map<String, Object> properties(String unit) {
      asked++;
      return properties.getOrDefault(unit, Map.of());
    }

    @Override
    public void rest() {}

    @Override
    public List<String> running(String pattern) {
      return List.copyOf(units.keySet());
    }
  }

  @BeforeEach
  void host() throws IOException {
    file("proc/" + SHIM + "/mountinfo", MountTables.V2);
    callerIn(SESSION);
    system.properties.put("session-2.scope", Map.of("ControlGroup", SESSION));
  }

  private void callerIn(String cgroup) throws IOException {
    Files.createDirectories(root.resolve(MOUNT + cgroup));
    file("proc/" + SHIM + "/cgroup", "0::" + cgroup + "\n");
  }

  private void process(int pid, String name, String cgroup) throws IOException {
    file("proc/" + pid + "/stat", pid + " (" + name + ") S 1" + " 0".repeat(48) + "\n");
    file("proc/" + pid + "/cgroup", "0::" + cgroup + "\n");
    Files.createDirectories(root.resolve(MOUNT + cgroup));
  }

  private void file(String path, String text) throws IOException {
    Files.createDirectories(root.resolve(path).getParent());
    Files.writeString(root.resolve(path), text);
  }

  private CgroupSituation situation(int user) throws IOException {
    return CgroupSituation.of(
        new Procfs(root.resolve("proc")), new Cgroupfs(root), SHIM, user, Optional.empty());
  }

  private StandingUnits units(Duration idle) {
    Kernel kernel =
        new Kernel(new FakeOs().os(), new Procfs(root.resolve("proc")), new Cgroupfs(root));
    return new StandingUnits(kernel, manager, system, List.of("/opt/guard", "hold"), idle);
  }

  private Map<String, Object> startedWith(String unit) {
    Map<String, Object> values = new HashMap<>();
    manager.units.get(unit).forEach(p -> values.put(p.name(), p.value()));
    return values;
  }

  @Test
  void aSessionHasOneUnitForAllItsCommands() throws Exception {
    StandingUnits units = units(LONG);
    UnitPlace first = units.place(situation(1000));
    UnitPlace second = units.place(situation(1000));
    assertThat(manager.units).containsOnlyKeys("guard-commands.service");
    assertThat(first.holder()).isEqualTo(second.holder());
    assertThat(first.hierarchy().self())
        .isEqualTo(Path.of("/" + MOUNT + OWN + "/app.slice/guard-commands.service"));
    assertThat(V2Driver.common(first.caller(), first.hierarchy().self()))
        .isEqualTo(Path.of("/" + MOUNT + "/user.slice/user-1000.slice"));
    assertThat(startedWith("guard-commands.service"))
        .containsEntry("ExecStart", List.of("/opt/guard", "hold"))
        .containsEntry("Delegate", true)
        .containsEntry("TasksMax", UnitProperty.INFINITY)
        .doesNotContainKeys("Slice", "MemoryMax", "CPUQuotaPerSecUSec");
  }

  @Test
  void limitsAreCopiedForTheCommandsOfThatUnitAlone() throws Exception {
    file(MOUNT + SESSION + "/pids.max", "400\n");
    file(MOUNT + SESSION + "/memory.max", "104857600\n");
    file(MOUNT + SESSION + "/cpu.max", "50000 100000\n");
    UnitPlace place = units(LONG).place(situation(1000));
    String unit = place.unit().name();
    assertThat(unit).matches("guard-commands-[0-9a-f]{16}\\.service");
    assertThat(startedWith(unit))
        .containsEntry("TasksMax", 400L)
        .containsEntry("MemoryMax", 104_857_600L)
        .containsEntry("MemorySwapMax", 0L)
        .containsEntry("CPUQuotaPerSecUSec", 500_000L);
    file(MOUNT + SESSION + "/pids.max", "300\n");
    assertThat(units(LONG).place(situation(1000)).unit().name()).isNotEqualTo(unit);
  }

  @Test
  void aSliceOfTheCallersIsTheUnitsToo() throws Exception {
    callerIn("/system.slice/agents-a.slice/one.service");
    for (String name : List.of("system.slice", "agents-a.slice", "one.service")) {
      system.properties.put(name, Map.of());
    }
    system.properties.put(
        "one.service", Map.of("ControlGroup", "/system.slice/agents-a.slice/one.service"));
    UnitPlace place = units(LONG).place(situation(0));
    assertThat(place.unit().slice()).contains("agents-a.slice");
    assertThat(place.unit().name()).isNotEqualTo("guard-commands.service");
    assertThat(startedWith(place.unit().name())).containsEntry("Slice", "agents-a.slice");
  }

  @ParameterizedTest
  @ValueSource(strings = {"IPAddressDeny", "DeviceAllow", "SocketBindDeny", "BPFProgram"})
  void whatIsBoundByProgramsOfTheKernelHasNoPlace(String property) throws Exception {
    system.properties.put(
        "session-2.scope",
        Map.of("ControlGroup", SESSION, property, List.of(List.of(2L, List.of(1L), 8L))));
    StandingUnits units = units(LONG);
    assertThatThrownBy(() -> units.place(situation(1000)))
        .isInstanceOf(IOException.class)
        .hasMessageEndingWith("can not be copied: session-2.scope has " + property);
    assertThat(manager.units).isEmpty();
  }

  @Test
  void valuesThatSayNothingAreNoBound() throws Exception {
    system.properties.put(
        "session-2.scope",
        Map.of(
            "ControlGroup",
            SESSION,
            "IPAddressDeny",
            List.of(),
            "DevicePolicy",
            "auto",
            "RestrictNetworkInterfaces",
            List.of(false, List.of())));
    file(MOUNT + SESSION + "/memory.high", "max\n");
    file(MOUNT + SESSION + "/io.max", "");
    assertThat(units(LONG).place(situation(1000)).unit().hasLimits()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"memory.high,1000", "io.max,8:0 rbps=1", "cpuset.cpus,0", "memory.swap.max,0"})
  void whatIsBoundInAnotherFileHasNoPlace(String file, String text) throws Exception {
    file(MOUNT + SESSION + "/" + file, text + "\n");
    StandingUnits units = units(LONG);
    assertThatThrownBy(() -> units.place(situation(1000)))
        .hasMessageContaining("can not be copied: /" + MOUNT + SESSION + "/" + file + " " + text);
  }

  @Test
  void aCgroupThatTheManagerDoesNotKnowHasNoPlace() throws Exception {
    system.properties.put("session-2.scope", Map.of());
    StandingUnits units = units(LONG);
    assertThatThrownBy(() -> units.place(situation(1000)))
        .hasMessageContaining("is not the cgroup of session-2.scope");
  }

  @Test
  void anotherUsersManagerIsNotAsked() throws Exception {
    callerIn("/user.slice/user-1001.slice/user@1001.service/a.service");
    StandingUnits units = units(LONG);
    assertThatThrownBy(() -> units.place(situation(0)))
        .hasMessageContaining("another user's service manager");
  }

  @Test
  void theManagerIsNotAskedForEachCommand() throws Exception {
    StandingUnits units = units(LONG);
    for (int i = 0; i < 10; i++) {
      units.place(situation(1000)).close();
    }
    assertThat(system.asked).isLessThan(5);
    assertThat(manager.asked).as("only until it runs").isEqualTo(1);
  }

  @Test
  void whenItsHolderHasEndedTheUnitIsStartedAnew() throws Exception {
    StandingUnits units = units(LONG);
    int before = units.place(situation(1000)).holder();
    manager.end("guard-commands.service");
    assertThat(units.place(situation(1000)).holder()).isNotEqualTo(before);
  }

  @Test
  void unitsWithoutCommandsEndAndOthersStay() throws Exception {
    StandingUnits units = units(Duration.ZERO);
    UnitPlace plain = units.place(situation(1000));
    file(MOUNT + SESSION + "/pids.max", "400\n");
    UnitPlace limited = units.place(situation(1000));
    assertThat(manager.stopped).as("its place is taken").isEmpty();
    plain.close();
    plain.close();
    Path base = root.resolve(Path.of("/").relativize(plain.hierarchy().self()));
    Files.createDirectories(base.resolve("guard/cmd_0123456789abcdef/main"));
    units.place(situation(1000)).close();
    assertThat(manager.stopped).as("it has a command of an earlier gateway").isEmpty();
    Files.delete(base.resolve("guard/cmd_0123456789abcdef/main"));
    Files.delete(base.resolve("guard/cmd_0123456789abcdef"));
    units.place(situation(1000)).close();
    assertThat(manager.stopped).containsExactly("guard-commands.service");
    units.close();
    assertThat(manager.stopped).as("its place is still taken").hasSize(1);
    limited.close();
    units.close();
    assertThat(manager.stopped).containsExactly("guard-commands.service", limited.unit().name());
  }

  /** A gateway has all its commands end, however slow the service manager is. */
  @Test
  void whoLeavesDoesNotWaitForTheManager() throws Exception {
    StandingUnits units = units(LONG);
    UnitPlace first = units.place(situation(1000));
    file(MOUNT + SESSION + "/pids.max", "400\n");
    CompletableFuture<Boolean> hasLeft = new CompletableFuture<>();
    manager.duringStart =
        () -> {
          // On another thread: this one has the lock that is held meanwhile.
          CompletableFuture.runAsync(first::close)
              .orTimeout(5, TimeUnit.SECONDS)
              .whenComplete((none, late) -> hasLeft.complete(late == null))
              .exceptionally(late -> null)
              .join();
        };
    units.place(situation(1000));
    assertThat(hasLeft.join()).isTrue();
  }

  @Test
  void unitsOfAnEarlierGatewayAreFoundAndEnded() throws Exception {
    units(LONG).place(situation(1000));
    file(MOUNT + SESSION + "/pids.max", "400\n");
    StandingUnits later = units(Duration.ZERO);
    later.place(situation(1000));
    assertThat(manager.stopped).containsExactly("guard-commands.service");
  }
}
