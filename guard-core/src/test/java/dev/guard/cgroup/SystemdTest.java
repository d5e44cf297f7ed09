package dev.guard.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.os.Cgroupfs;
import dev.guard.systemd.Scope;
import dev.guard.systemd.ScopePlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Shows what Guard asks of systemd, from files on disk. That it is done is shown in a guest. */
class SystemdTest {
  private static final Path MOUNT = Path.of("/sys/fs/cgroup");
  private static final String SESSION = "user.slice/user-1000.slice/session-2.scope";
  private static final String MANAGER = "user.slice/user-1000.slice/user@1000.service";
  private static final CgroupLimits LIMITS =
      new CgroupLimits(Optional.of(100L), Optional.of(64L << 20), Optional.of(0.5));

  @TempDir Path root;
  private Cgroupfs fs;

  @BeforeEach
  void aHostUnderSystemd() throws IOException {
    fs = new Cgroupfs(root);
    fs.create(Path.of("/run/systemd/system"));
    file("usr/bin/systemd-run", "");
    file("run/user/1000/bus", "");
  }

  private void file(String path, String text) throws IOException {
    Files.createDirectories(root.resolve(path).getParent());
    Files.writeString(root.resolve(path), text);
  }

  private ScopePlan ask(int user, String self, CgroupLimits limits) throws IOException {
    return ask(user, self, ScopeRequest.forCommands("guard-1.scope", limits));
  }

  private ScopePlan ask(int user, String self, ScopeRequest wish) throws IOException {
    Hierarchy hierarchy = new Hierarchy(2, Set.of(), MOUNT, false, MOUNT.resolve(self));
    return new Systemd(fs, user, hierarchy).scope(wish, Optional.empty());
  }

  @Test
  void whoAsksForASliceGetsItWithTheLimitsOfTheSliceThatIsLeft() throws IOException {
    CgroupLimits room = new CgroupLimits(Optional.of(7L), Optional.empty(), Optional.empty());
    ScopeRequest wish =
        new ScopeRequest("guard-s.scope", "A session", Optional.of("guard.slice"), LIMITS, room);
    String unit = MANAGER + "/app.slice/run-1.service";
    assertThat(ask(1000, unit, wish).scope().orElseThrow().argv())
        .contains("--slice=guard.slice", "--description=A session", "TasksMax=107");
    file("sys/fs/cgroup/" + MANAGER + "/app.slice/pids.max", "20\n");
    file("sys/fs/cgroup/" + MANAGER + "/pids.max", "10\n");
    assertThat(ask(1000, unit, wish).scope().orElseThrow().argv())
        .as("the manager's own limit goes on to hold by itself")
        .contains("TasksMax=20");
  }

  @Test
  void aUserAsksHisManagerAlsoWithoutARuntimeDirectoryInTheEnvironment() throws IOException {
    Scope scope = ask(1000, SESSION, LIMITS).scope().orElseThrow();
    assertThat(scope.argv())
        .startsWith("/usr/bin/systemd-run", "--user", "--scope", "--quiet", "--collect")
        .contains("--unit=guard-1.scope", "Delegate=yes")
        .contains("TasksMax=116", "MemoryMax=83886080", "MemorySwapMax=0", "CPUQuota=50%")
        .endsWith("--")
        .noneMatch(w -> w.startsWith("--slice"));
    assertThat(scope.environment()).containsEntry("XDG_RUNTIME_DIR", "/run/user/1000");
  }

  @Test
  void rootAsksTheSystemsManagerForTheSliceHeIsIn() throws IOException {
    Scope scope = ask(0, "system.slice/agent.service", CgroupLimits.NONE).scope().orElseThrow();
    assertThat(scope.argv())
        .doesNotContain("--user")
        .contains("--slice=system.slice", "TasksMax=infinity")
        .noneMatch(w -> w.startsWith("MemoryMax") || w.startsWith("CPUQuota"));
  }

  @Test
  void rootBelowTheManagerOfAUserTakesTheLimitsOfThatWithHim() throws IOException {
    file("sys/fs/cgroup/user.slice/user-0.slice/user@0.service/pids.max", "40\n");
    String self = "user.slice/user-0.slice/user@0.service/app.slice/run-1.service";
    assertThat(ask(0, self, LIMITS).scope().orElseThrow().argv())
        .contains("--slice=user-0.slice", "TasksMax=40");
  }

  @Test
  void limitsOfTheUnitThatIsLeftAreTaken() throws IOException {
    file("sys/fs/cgroup/system.slice/agent.service/pids.max", "50\n");
    file("sys/fs/cgroup/system.slice/agent.service/memory.max", "1048576\n");
    file("sys/fs/cgroup/system.slice/agent.service/cpu.max", "max 100000\n");
    file("sys/fs/cgroup/system.slice/pids.max", "20\n");
    assertThat(ask(0, "system.slice/agent.service", LIMITS).scope().orElseThrow().argv())
        .as("the slice goes on to hold by itself")
        .contains("TasksMax=50", "MemoryMax=1048576", "MemorySwapMax=0", "CPUQuota=50%");
  }

  @Test
  void belowTheUsersManagerTheSliceIsKept() throws IOException {
    file("sys/fs/cgroup/" + MANAGER + "/app.slice/pids.max", "20\n");
    assertThat(ask(1000, MANAGER + "/app.slice/run-1.service", LIMITS).scope().orElseThrow().argv())
        .contains("--slice=app.slice", "TasksMax=116");
  }

  @Test
  void aSystemServiceOfTheUserLeavesItsLimitsToTheScope() throws IOException {
    file("sys/fs/cgroup/system.slice/cron.service/pids.max", "30\n");
    file("sys/fs/cgroup/system.slice/pids.max", "max\n");
    assertThat(ask(1000, "system.slice/cron.service", LIMITS).scope().orElseThrow().argv())
        .contains("TasksMax=30");
  }

  @Test
  void whyThereIsNone() throws IOException {
    assertThat(ask(1001, SESSION, LIMITS).problem())
        .isEqualTo(
            "user 1001 has no systemd manager in /run/user/1001; loginctl enable-linger starts one");
    Files.delete(root.resolve("usr/bin/systemd-run"));
    assertThat(ask(1000, SESSION, LIMITS).problem()).isEqualTo("there is no /usr/bin/systemd-run");
    Files.delete(root.resolve("run/systemd/system"));
    assertThat(ask(1000, SESSION, LIMITS).problem()).isEqualTo("systemd does not run here");
  }
}
