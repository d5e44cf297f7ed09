package dev.guard.exec.limits;

import dev.guard.Layer;
import dev.guard.LayerName;
import dev.guard.config.GuardConfig;
import dev.guard.os.Cgroupfs;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.Procfs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Puts limits on a held process and reads every one of them back. */
public final class Limiter {
  private static final String NOT_YET =
      "memory and cpu limits come with a later release; nothing limits it now";

  private final Os os;
  private final Procfs procfs;
  private final Cgroupfs cgroupfs;
  private final CgroupDriver driver;

  private Limiter(Os os, Procfs procfs, Cgroupfs cgroupfs, CgroupDriver driver) {
    this.cgroupfs = cgroupfs;
    this.os = os;
    this.procfs = procfs;
    this.driver = driver;
  }

  /** Looks at this host. */
  public static Limiter on(Os os, Procfs procfs, Cgroupfs cgroupfs) throws IOException {
    return new Limiter(os, procfs, cgroupfs, CgroupChooser.choose(procfs, cgroupfs, os.pid()));
  }

  /** Where {@link #create} may make the cgroup of the command with this id. */
  public List<Path> places(String id) {
    return driver.places(id);
  }

  /**
   * Makes the command's cgroup, empty, with its limits not set yet. Where the kernel refuses that,
   * as below cgroup.max.descendants, there is none, and the receipt says why.
   */
  public CommandCgroup create(String id, GuardConfig config) {
    try {
      return driver.create(id, config.pidsMax().isPresent() && driver.pids().available());
    } catch (IOException e) {
      return new CommandCgroup(cgroupfs, e.getMessage());
    }
  }

  /**
   * Sets the limits, joins the held process to them, and reads them back: the receipt of pids,
   * memory, cpu, open files.
   */
  public List<Layer> apply(int pid, CommandCgroup cgroup, GuardConfig config) throws IOException {
    List<Layer> layers = new ArrayList<>();
    Layer pids =
        config.pidsMax().isEmpty()
            ? Layer.off(LayerName.PIDS)
            : pids(cgroup, config.pidsMax().get());
    cgroup.join(pid, procfs);
    layers.add(pids);
    layers.add(notYet(LayerName.MEMORY, config.memoryMax()));
    layers.add(notYet(LayerName.CPU, config.cpuMax()));
    layers.add(openFiles(pid, config.openFiles()));
    return layers;
  }

  private Layer pids(CommandCgroup cgroup, int max) throws IOException {
    Optional<Path> directory = cgroup.pids();
    if (directory.isEmpty()) {
      String reason = cgroup.problem().isEmpty() ? driver.pids().reason() : cgroup.problem();
      return Layer.degraded(LayerName.PIDS, max, reason);
    }
    String wanted = Integer.toString(max);
    cgroup.fs().write(directory.get(), "pids.max", wanted);
    String got = cgroup.fs().read(directory.get(), "pids.max");
    if (!got.equals(wanted)) {
      return Layer.degraded(LayerName.PIDS, max, directory.get() + "/pids.max reads back " + got);
    }
    String how =
        cgroup.directories().stream().anyMatch(d -> cgroup.fs().has(d, "cgroup.kill"))
            ? ", cgroup.kill"
            : "";
    return Layer.active(LayerName.PIDS, max, driver.name() + how + ", " + directory.get());
  }

  private static Layer notYet(LayerName name, Optional<?> limit) {
    return limit.isEmpty() ? Layer.off(name) : Layer.degraded(name, limit.get(), NOT_YET);
  }

  private Layer openFiles(int pid, Optional<Integer> wanted) throws OsException {
    if (wanted.isEmpty()) {
      return Layer.off(LayerName.OPEN_FILES);
    }
    Os.Limit inherited = os.openFiles(pid);
    // Never above the inherited hard limit; compared unsigned, since RLIM_INFINITY is the largest
    // value.
    long limit =
        Long.compareUnsigned(inherited.hard(), wanted.get()) < 0 ? inherited.hard() : wanted.get();
    os.setOpenFiles(pid, new Os.Limit(limit, limit));
    Os.Limit got = os.openFiles(pid);
    if (got.soft() != limit || got.hard() != limit) {
      return Layer.degraded(
          LayerName.OPEN_FILES,
          wanted.get(),
          "RLIMIT_NOFILE reads back " + got.soft() + ":" + got.hard());
    }
    String detail = "RLIMIT_NOFILE soft = hard = " + limit;
    return Layer.active(
        LayerName.OPEN_FILES, limit, limit < wanted.get() ? detail + ", as inherited" : detail);
  }
}
