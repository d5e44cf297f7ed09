package dev.guard.limits;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.Layer;
import dev.guard.LayerName;
import dev.guard.cgroup.CgroupSituation;
import dev.guard.cgroup.CommandCgroup;
import dev.guard.cgroup.MountTables;
import dev.guard.config.GuardConfig;
import dev.guard.config.Setting;
import dev.guard.os.Cgroupfs;
import dev.guard.os.Os;
import dev.guard.os.Procfs;
import dev.guard.testing.FakeOs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reads the receipt of a user in a login session under systemd, on a tree of plain files. */
class LimiterTest {
  private static final int GUARD = 4711;
  private static final int HELD = 4712;
  private static final String SESSION = "sys/fs/cgroup/user.slice/user-1000.slice/session-2.scope/";
  private static final String MANAGER =
      "sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/";

  @TempDir private Path root;
  private final Os os = new FakeOs().on("pid", a -> GUARD).on("userId", a -> 1000).os();

  @BeforeEach
  void host() throws IOException {
    file("proc/" + GUARD + "/mountinfo", MountTables.V2);
    file("proc/" + GUARD + "/cgroup", MountTables.V2_MEMBERSHIP);
    file("usr/bin/systemd-run", "");
    file("run/user/1000/bus", "");
    Files.createDirectories(root.resolve("run/systemd/system"));
    Files.createDirectories(root.resolve(SESSION));
    file(MANAGER + "cgroup.controllers", "cpu pids\n");
  }

  private void file(String path, String text) throws IOException {
    Files.createDirectories(root.resolve(path).getParent());
    Files.writeString(root.resolve(path), text);
  }

  private Map<LayerName, Layer> receipt(boolean managerIsBusy) throws Exception {
    Cgroupfs fs = new Cgroupfs(root);
    GuardConfig config =
        GuardConfig.defaultsWith(
            Map.of(Setting.OPEN_FILES, "0", Setting.PIDS_MAX, "64", Setting.MEMORY_MAX, "1G"));
    Procfs procfs = new Procfs(root.resolve("proc"));
    Limiter limiter =
        Limiter.on(
            os,
            procfs,
            CgroupSituation.of(procfs, fs, os.pid(), os.userId(), Optional.empty()),
            config,
            "guard-1.scope",
            true);
    assertThat(limiter.scope()).isPresent();
    Limiter without =
        managerIsBusy ? limiter.withLostScope("no answer") : limiter.withoutScope("refused");
    return without.apply(HELD, CommandCgroup.none(fs, ""), config).stream()
        .collect(Collectors.toMap(Layer::name, l -> l));
  }

  @Test
  void aCommandCanHaveALimitThatNoOtherNeeded() throws Exception {
    Cgroupfs fs = new Cgroupfs(root);
    Procfs procfs = new Procfs(root.resolve("proc"));
    CgroupSituation situation =
        CgroupSituation.of(procfs, fs, os.pid(), os.userId(), Optional.empty());
    Map<Setting, String> settings = Map.of(Setting.OPEN_FILES, "0", Setting.PIDS_MAX, "64");
    Limiter planned =
        Limiter.on(
                os, procfs, situation, GuardConfig.defaultsWith(settings), "guard-1.scope", false)
            .withoutScope("refused");
    GuardConfig own =
        GuardConfig.defaultsWith(
            Map.of(Setting.OPEN_FILES, "0", Setting.PIDS_MAX, "32", Setting.MEMORY_MAX, "1G"));
    Map<LayerName, Layer> receipt =
        planned.with(own).apply(HELD, CommandCgroup.none(fs, ""), own).stream()
            .collect(Collectors.toMap(Layer::name, l -> l));
    assertThat(receipt.get(LayerName.PIDS).limit()).isEqualTo("32");
    assertThat(receipt.get(LayerName.MEMORY).limit()).isEqualTo("1073741824");
    assertThat(receipt.get(LayerName.MEMORY).detail()).contains("no scope instead: refused");
  }

  /** The user's manager has pids to give, and no memory. */
  @Test
  void whatABusyManagerDidNotGiveIsLost() throws Exception {
    Layer pids = receipt(true).get(LayerName.PIDS);
    assertThat(pids.state()).isEqualTo(Layer.State.DEGRADED);
    assertThat(pids.detail()).contains("no scope instead: no answer");
    assertThat(pids.lost()).isTrue();
    Layer memory = receipt(true).get(LayerName.MEMORY);
    assertThat(memory.state()).isEqualTo(Layer.State.DEGRADED);
    assertThat(memory.lost()).as("this host never gives it").isFalse();
    assertThat(receipt(false).values()).noneMatch(Layer::lost);
  }

  @Test
  void whatBindsFromAboveIsInTheReceipt() throws Exception {
    file(SESSION + "memory.max", "314572800\n");
    file(SESSION + "cpu.max", "50000 100000\n");
    Map<LayerName, Layer> receipt = receipt(true);
    assertThat(receipt.get(LayerName.MEMORY).detail())
        .endsWith(
            "; bound from above by /" + SESSION.replaceFirst("/$", "") + ": memory.max 314572800");
    assertThat(receipt.get(LayerName.CPU).state()).isEqualTo(Layer.State.OFF);
    assertThat(receipt.get(LayerName.CPU).detail()).contains("; bound from above by ");
    assertThat(receipt.get(LayerName.PIDS).detail()).doesNotContain("bound from above");
  }
}
