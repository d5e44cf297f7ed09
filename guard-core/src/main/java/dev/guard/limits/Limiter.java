package dev.guard.limits;

import dev.guard.Layer;
import dev.guard.LayerName;
import dev.guard.cgroup.CgroupDriver;
import dev.guard.cgroup.CgroupLimits;
import dev.guard.cgroup.CgroupSituation;
import dev.guard.cgroup.CommandCgroup;
import dev.guard.cgroup.Controller;
import dev.guard.cgroup.Hierarchy;
import dev.guard.cgroup.InheritedLimits;
import dev.guard.cgroup.UnitPlace;
import dev.guard.cgroup.V2Driver;
import dev.guard.config.GuardConfig;
import dev.guard.os.Os;
import dev.guard.os.Procfs;
import dev.guard.systemd.Scope;
import dev.guard.systemd.ScopePlan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Puts limits on a held process and reads every one of them back. */
public final class Limiter {
  private final Os os;
  private final Procfs procfs;
  private final CgroupSituation situation;
  private final CgroupLimits limits;
  private final CgroupDriver driver;
  // The scope in which the lifeline should be started, or why there is none where it would help.
  private final ScopePlan plan;
  // The controllers that the service manager would have made room for, had it come to it.
  private final Set<Controller> lost;
  private final InheritedLimits inherited;

  private Limiter(
      Os os,
      Procfs procfs,
      CgroupSituation situation,
      CgroupLimits limits,
      CgroupDriver driver,
      ScopePlan plan,
      Set<Controller> lost,
      InheritedLimits inherited) {
    this.os = os;
    this.procfs = procfs;
    this.situation = situation;
    this.limits = limits;
    this.driver = driver;
    this.plan = plan;
    this.lost = lost;
    this.inherited = inherited;
  }

  /**
   * Chooses the driver for the limits of these settings, and arranges what commands' cgroups need.
   *
   * @param unit the name of a scope, if one is to be made
   * @param oneCommand whether there will be only one command, so that the scope can have its limits
   */
  public static Limiter on(
      Os os,
      Procfs procfs,
      CgroupSituation situation,
      GuardConfig config,
      String unit,
      boolean oneCommand)
      throws IOException {
    CgroupLimits limits = CgroupLimits.of(config);
    // A program's next command may have a limit where this one has none, and room for any limit,
    // e.g. by a scope, can only be arranged now.
    boolean unlimited = limits.controllers().isEmpty() && !oneCommand;
    CgroupDriver driver =
        situation.driver(unlimited ? EnumSet.of(Controller.PIDS) : limits.controllers());
    driver.prepare();
    return new Limiter(
        os,
        procfs,
        situation,
        limits,
        driver,
        situation.scopeInsteadOf(driver, unit, oneCommand ? limits : CgroupLimits.NONE),
        Set.of(),
        new InheritedLimits(situation.fs(), situation.hierarchies()));
  }

  /** Names the command, of another Guard, whose cgroup this process is in. */
  public Optional<String> outer() {
    return situation.outer();
  }

  /**
   * Names the scope in which the lifeline should be started, so that there is room for limits;
   * empty when none is planned.
   */
  public Optional<Scope> scope() {
    return plan.scope();
  }

  /** Makes commands' cgroups below the scope that the lifeline is in by now. */
  public Limiter inScopeOf(int lifeline) throws IOException {
    Scope scope = plan.scope().orElseThrow();
    Hierarchy place = situation.placeIn(scope.unit(), lifeline, procfs);
    CgroupDriver below =
        V2Driver.below(
            os,
            scope,
            situation.fs(),
            situation.v2().orElseThrow().self(),
            place,
            lifeline,
            limits.controllers());
    below.prepare();
    return new Limiter(
        os, procfs, situation, limits, below, ScopePlan.no(""), Set.of(), inherited.and(place));
  }

  /** Makes a command's cgroup below a standing unit, in the place of a scope. */
  public Limiter inUnit(UnitPlace place) {
    CgroupDriver below = V2Driver.below(place, situation.fs(), limits.controllers());
    below.prepare();
    return new Limiter(
        os,
        procfs,
        situation,
        limits,
        below,
        ScopePlan.no(""),
        Set.of(),
        inherited.and(place.hierarchy()).withCopies(place.unit()));
  }

  /** Tells where the caller is. */
  public CgroupSituation situation() {
    return situation;
  }

  /** Leaves out the scope, which receipts say with the reason. */
  public Limiter withoutScope(String why) {
    return withoutScope(why, Set.of());
  }

  /**
   * Leaves out the scope that was planned, since the service manager did not come to it: the layers
   * that it would have made room for are lost.
   */
  public Limiter withLostScope(String why) throws IOException {
    return withoutScope(why, situation.inScope(limits.controllers()));
  }

  private Limiter withoutScope(String why, Set<Controller> couldBeHad) {
    return new Limiter(
        os, procfs, situation, limits, driver, ScopePlan.no(why), couldBeHad, inherited);
  }

  /**
   * Limits a command that has settings of its own. Controllers that no command needed before are
   * looked at and enabled now: a driver knows only those that it was made for.
   */
  public Limiter with(GuardConfig config) {
    CgroupLimits own = CgroupLimits.of(config);
    Set<Controller> all = EnumSet.noneOf(Controller.class);
    all.addAll(limits.controllers());
    all.addAll(own.controllers());
    CgroupDriver enough = driver;
    if (!limits.controllers().containsAll(all)) {
      enough = driver.lookFor(all);
      enough.prepare();
    }
    return new Limiter(os, procfs, situation, own, enough, plan, lost, inherited);
  }

  /** Lists where {@link #create} may make the cgroup of the command with this id. */
  public List<Path> places(String id) {
    return driver.places(id);
  }

  /**
   * Makes the command's cgroup, empty, with its limits not set yet. Where the kernel refuses that,
   * as below cgroup.max.descendants, there is none, and the receipt says why.
   */
  public CommandCgroup create(String id) {
    Set<Controller> supported = EnumSet.noneOf(Controller.class);
    for (Controller controller : limits.controllers()) {
      if (driver.supports(controller).available()) {
        supported.add(controller);
      }
    }
    try {
      return driver.create(id, supported);
    } catch (IOException e) {
      return CommandCgroup.none(situation.fs(), e.getMessage());
    }
  }

  /**
   * Describes the cgroup that {@link #create} has made for this command, also when it has failed.
   */
  public CommandCgroup at(String id) {
    return CommandCgroup.in(situation.fs(), driver.places(id));
  }

  /**
   * Joins the held process, which does not run yet, sets the limits, and reads them back.
   *
   * @return the receipt of pids, memory, cpu, cpu time and open files
   */
  public List<Layer> apply(int pid, CommandCgroup cgroup, GuardConfig config) throws IOException {
    List<Layer> layers = new ArrayList<>();
    cgroup.join(pid, procfs);
    for (Controller controller : Controller.values()) {
      layers.add(inherited.in(limit(controller, cgroup), controller, limits.of(controller)));
    }
    layers.add(
        config.cpuTime().isEmpty()
            ? Layer.off(LayerName.CPU_TIME)
            : CpuTimeLimit.apply(os, pid, cgroup, config));
    layers.add(OpenFilesLimit.apply(os, pid, config.openFiles()));
    return layers;
  }

  private Layer limit(Controller controller, CommandCgroup cgroup) {
    Optional<? extends Number> wanted = limits.of(controller);
    if (wanted.isEmpty()) {
      return Layer.off(controller.layer());
    }
    Optional<Path> directory = cgroup.limited(controller);
    if (directory.isEmpty()) {
      Layer missing = Layer.degraded(controller.layer(), wanted.get(), missing(controller, cgroup));
      return lost.contains(controller) ? missing.lostThisTime() : missing;
    }
    try {
      String readBack = cgroup.set(controller, limits);
      String kill = cgroup.killer().wholeKill().map(k -> ", " + k).orElse("");
      return Layer.active(
          controller.layer(),
          wanted.get(),
          driver.name() + kill + ", " + readBack + ", " + directory.get());
    } catch (IOException e) {
      return Layer.degraded(controller.layer(), wanted.get(), e.getMessage());
    }
  }

  private String missing(Controller controller, CommandCgroup cgroup) {
    String problem = cgroup.problem(controller);
    return problem.isEmpty()
        ? driver.supports(controller).reason(plan.problem(), controller)
        : problem;
  }
}
