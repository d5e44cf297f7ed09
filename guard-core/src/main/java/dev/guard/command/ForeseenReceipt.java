package dev.guard.command;

import dev.guard.Layer;
import dev.guard.LayerName;
import dev.guard.cgroup.CgroupForesight;
import dev.guard.cgroup.CgroupForesight.ForeseenLimit;
import dev.guard.cgroup.CgroupLimits;
import dev.guard.cgroup.CgroupSituation;
import dev.guard.config.GuardConfig;
import dev.guard.limits.CpuTimeLimit;
import dev.guard.limits.OpenFilesLimit;
import dev.guard.os.Cgroupfs;
import dev.guard.os.Os;
import dev.guard.os.Procfs;
import dev.guard.report.Receipt;
import dev.guard.store.CountedNamespace;
import dev.guard.store.StoreDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A foreseen receipt tells what the receipt of a command would say here, by the code that writes
 * it. Nothing is started and nothing is made.
 *
 * <p>A foreseen receipt can not know what only shows when it is done: that the kernel refuses to
 * make a cgroup, reads a limit back otherwise or counts no swap, that a service manager says no, or
 * that somebody kills the lifeline.
 *
 * @param cgroups the foreseen layers of cgroups, and the reasons
 * @param layers all layers, as in a receipt. The detail of one that would be active lacks the
 *     values that are read back: where that is a cgroup, it is the driver alone
 */
public record ForeseenReceipt(CgroupForesight cgroups, List<Layer> layers) {
  /**
   * Foresees the receipt of a command with these settings.
   *
   * @param runtimeDirectory XDG_RUNTIME_DIR, if it is set
   */
  public static ForeseenReceipt of(
      Os os,
      Procfs procfs,
      Cgroupfs cgroupfs,
      GuardConfig config,
      Optional<String> runtimeDirectory)
      throws IOException {
    CgroupForesight cgroups =
        CgroupForesight.of(
            CgroupSituation.of(procfs, cgroupfs, os.pid(), os.userId(), runtimeDirectory),
            CgroupLimits.of(config));
    Countable counted = counted(os, procfs, runtimeDirectory);
    List<Layer> layers = new ArrayList<>();
    layers.add(registry(config, cgroups.outer(), counted));
    layers.add(Receipt.rateLimit(config, counted.unshared, counted.partial));
    cgroups.controllers().forEach(c -> layers.add(layer(c, cgroups.driver())));
    layers.add(CpuTimeLimit.layer(config, cgroups.countsCpuTime()));
    layers.add(OpenFilesLimit.foresee(os.openFiles(os.pid()), config.openFiles()));
    // A posix_spawn into a group of its own, and a shell: nothing about the host speaks against it.
    layers.add(Layer.active(LayerName.PROCESS_GROUP, "", ""));
    layers.add(Receipt.timeout(config));
    layers.add(Layer.active(LayerName.LIFELINE, "", ""));
    layers.sort(Comparator.comparing(Layer::name));
    return new ForeseenReceipt(cgroups, List.copyOf(layers));
  }

  /**
   * Foresees the registry's layer; where the directory for budgets can not be had, there is none
   * for records either.
   */
  private static Layer registry(GuardConfig config, Optional<String> outer, Countable counted) {
    Optional<Layer> unrecorded =
        counted.unshared.isEmpty()
            ? Optional.empty()
            : Receipt.unrecorded(config, counted.unshared);
    return unrecorded.orElseGet(
        () -> Receipt.registry(config, outer, false, counted.unshared, counted.partial));
  }

  /**
   * Says why places and starts could not be counted for all guards of the user, and why such a
   * count may not be whole; empty: it is.
   */
  private record Countable(String unshared, String partial) {}

  private static Countable counted(Os os, Procfs procfs, Optional<String> runtimeDirectory) {
    try {
      Path store = StoreDirectory.foresee(os, procfs, runtimeDirectory);
      return new Countable("", CountedNamespace.problem(os, procfs, store));
    } catch (IOException e) {
      return new Countable(e.getMessage(), "");
    }
  }

  private static Layer layer(ForeseenLimit foreseen, String driver) {
    Layer layer = withoutThoseAbove(foreseen, driver);
    return layer.withDetail(layer.detail() + foreseen.above());
  }

  private static Layer withoutThoseAbove(ForeseenLimit foreseen, String driver) {
    if (foreseen.limit().isEmpty()) {
      return Layer.off(foreseen.layer());
    }
    return foreseen.available()
        ? Layer.active(foreseen.layer(), foreseen.limit().get(), driver)
        : Layer.degraded(foreseen.layer(), foreseen.limit().get(), foreseen.detail());
  }
}
