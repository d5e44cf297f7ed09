package dev.guard.limits;

import dev.guard.Layer;
import dev.guard.LayerName;
import dev.guard.cgroup.Base;
import dev.guard.cgroup.CgroupChooser;
import dev.guard.cgroup.CgroupDriver;
import dev.guard.cgroup.CommandCgroup;
import dev.guard.cgroup.Controller;
import dev.guard.cgroup.Hierarchy;
import dev.guard.cgroup.HybridDriver;
import dev.guard.cgroup.InheritedLimits;
import dev.guard.cgroup.Limits;
import dev.guard.cgroup.Systemd;
import dev.guard.cgroup.V2Driver;
import dev.guard.config.GuardConfig;
import dev.guard.os.Cgroupfs;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.Procfs;
import dev.guard.store.CommandId;
import dev.guard.systemd.Scope;
import dev.guard.systemd.ScopePlan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Puts limits on a held process and reads every one of them back. */
public final class Limiter {
  private final Os os;
  private final Procfs procfs;
  private final Cgroupfs cgroupfs;
  private final Limits limits;
  // Looks at what can be had of some controllers, where commands of this limiter are.
  private final Function<Set<Controller>, CgroupDriver> drivers;
  private final CgroupDriver driver;
  private final Optional<String> outer;
  private final Optional<Scope> scope;
  // Why there is no scope, where one would have helped.
  private final String noScope;
  // What the service manager would have made room for, had it come to it.
  private final Set<Controller> lost;
  private final InheritedLimits inherited;

  private Limiter(
      Os os,
      Procfs procfs,
      Cgroupfs cgroupfs,
      Limits limits,
      Function<Set<Controller>, CgroupDriver> drivers,
      CgroupDriver driver,
      Optional<String> outer,
      Optional<Scope> scope,
      String noScope,
      Set<Controller> lost,
      InheritedLimits inherited) {
    this.os = os;
    this.procfs = procfs;
    this.cgroupfs = cgroupfs;
    this.limits = limits;
    this.drivers = drivers;
    this.driver = driver;
    this.outer = outer;
    this.scope = scope;
    this.noScope = noScope;
    this.lost = lost;
    this.inherited = inherited;
  }

  /**
   * Looks at this host, and arranges what commands' cgroups need.
   *
   * @param unit the name of a scope, if one is to be made
   * @param oneCommand whether there will be only one, so that the scope can have its limits
   */
  public static Limiter on(
      Os os, Procfs procfs, Cgroupfs cgroupfs, GuardConfig config, String unit, boolean oneCommand)
      throws IOException {
    Limits limits = Limits.of(config);
    Look look = look(os, procfs, cgroupfs, limits.controllers());
    look.driver.prepare();
    ScopePlan plan = look.scope(os, cgroupfs, unit, oneCommand ? limits : Limits.NONE);
    return new Limiter(
        os,
        procfs,
        cgroupfs,
        limits,
        wanted -> CgroupChooser.choose(look.hierarchies, cgroupfs, os.pid(), wanted),
        look.driver,
        look.outer,
        plan.scope(),
        plan.problem(),
        Set.of(),
        new InheritedLimits(cgroupfs, look.hierarchies));
  }

  /** What there is on a host: the driver, which has arranged nothing yet. */
  private record Look(List<Hierarchy> hierarchies, Optional<String> outer, CgroupDriver driver) {
    /** A scope, where there is no room beside Guard; else neither a scope nor a problem. */
    ScopePlan scope(Os os, Cgroupfs cgroupfs, String unit, Limits limits) throws IOException {
      if (!(driver instanceof V2Driver v2) || v2.isSufficient()) {
        return ScopePlan.no("");
      }
      Hierarchy self = v2().orElseThrow();
      if (self.readOnly()) {
        // A scope's cgroup would be, too.
        return ScopePlan.no("");
      }
      return outer.isPresent()
          ? ScopePlan.no("this guard is inside another's command, whose limits it keeps")
          : new Systemd(cgroupfs, os.userId(), self)
              .scope(Systemd.Wish.forCommands(unit, limits), runtimeDirectory());
    }

    ScopePlan foreseeScope(Os os, Cgroupfs cgroupfs) throws IOException {
      return scope(os, cgroupfs, "guard-foreseen.scope", Limits.NONE);
    }

    /** Whether a controller could be limited, with a scope if there is need for one. */
    CgroupDriver.Support foresee(Os os, Cgroupfs cgroupfs, Controller controller)
        throws IOException {
      ScopePlan plan = foreseeScope(os, cgroupfs);
      if (plan.scope().isPresent()) {
        CgroupDriver.Support inScope =
            new Systemd(cgroupfs, os.userId(), v2().orElseThrow()).delegates(controller);
        return inScope.available()
            ? inScope
            : CgroupDriver.Support.no(reason(inScope.reason(), "", controller));
      }
      CgroupDriver.Support here = driver.supports(controller);
      return here.available()
          ? here
          : CgroupDriver.Support.no(reason(here.reason(), plan.problem(), controller));
    }

    /** Why there is no room beside Guard. */
    String obstacle(Set<Controller> wanted) {
      return wanted.stream()
          .map(driver::supports)
          .filter(s -> !s.available())
          .map(CgroupDriver.Support::reason)
          .findFirst()
          .orElse("no process may be moved there");
    }

    public Optional<Hierarchy> v2() {
      return hierarchies.stream().filter(h -> h.version() == 2).findFirst();
    }
  }

  private static Look look(Os os, Procfs procfs, Cgroupfs cgroupfs, Set<Controller> wanted)
      throws IOException {
    List<Hierarchy> hierarchies = hierarchies(procfs, os.pid(), os.pid());
    Optional<String> outer =
        hierarchies.stream()
            .flatMap(h -> Base.commandOf(h.self()).stream())
            .filter(CommandId::is)
            .findFirst();
    return new Look(
        hierarchies, outer, CgroupChooser.choose(hierarchies, cgroupfs, os.pid(), wanted));
  }

  /**
   * What {@link #on} would come to for one controller.
   *
   * @param layer the layer that the controller is
   * @param limit what the settings ask for, as in the receipt; empty: nothing, and then this is for
   *     who asks for that, too
   * @param available whether it could be limited
   * @param detail why not; where it could: empty
   * @param above what the detail of the layer says of tighter limits above it, at its end
   */
  public record Foreseen(
      LayerName layer, Optional<String> limit, boolean available, String detail, String above) {}

  /**
   * What {@link #on} would come to here.
   *
   * @param driver the name of the driver in receipts
   * @param instead why a scope of systemd would be asked for; empty: it would not
   * @param outer the command, of another Guard, that this process is part of
   * @param hierarchies those that are mounted, and where this process is in them, a line each
   * @param base what commands' cgroups would be made below; empty: they can not be, or it is in the
   *     scope
   * @param kills whether the kernel can kill a cgroup of the v2 tree as a whole; empty: there is no
   *     such tree, or nothing in it to see that by
   * @param controllers the layers that cgroups are
   */
  public record Foresight(
      String driver,
      String instead,
      Optional<String> outer,
      List<String> hierarchies,
      Optional<Path> base,
      Optional<Boolean> kills,
      List<Foreseen> controllers) {
    /**
     * Whether a cgroup would count processor time: those of the v2 tree do, without a controller.
     */
    public boolean countsCpuTime() {
      boolean made = base.isPresent() || !instead.isEmpty();
      return made && !driver.equals(HybridDriver.V1_ALONE);
    }
  }

  /** Foresees it by the same choice as {@link #on}, and arranges nothing. */
  public static Foresight foresee(Os os, Procfs procfs, Cgroupfs cgroupfs, GuardConfig config)
      throws IOException {
    Limits limits = Limits.of(config);
    Set<Controller> asked =
        limits.controllers().isEmpty() ? EnumSet.of(Controller.PIDS) : limits.controllers();
    Look look = look(os, procfs, cgroupfs, asked);
    boolean scope = look.foreseeScope(os, cgroupfs).scope().isPresent();
    List<Foreseen> controllers = new ArrayList<>();
    for (Controller c : Controller.values()) {
      Set<Controller> wanted = EnumSet.of(c);
      wanted.addAll(limits.controllers());
      CgroupDriver.Support support = look(os, procfs, cgroupfs, wanted).foresee(os, cgroupfs, c);
      Optional<String> limit = limits.of(c).map(String::valueOf);
      double own =
          limit.isPresent() && support.available()
              ? limits.of(c).get().doubleValue()
              : Double.POSITIVE_INFINITY;
      String above = new InheritedLimits(cgroupfs, look.hierarchies).suffix(c, own);
      controllers.add(new Foreseen(c.layer(), limit, support.available(), support.reason(), above));
    }
    return new Foresight(
        scope ? V2Driver.IN_SCOPE : look.driver.name(),
        scope ? look.obstacle(asked) : "",
        look.outer,
        look.hierarchies.stream()
            .filter(Hierarchy::concernsGuard)
            .map(Hierarchy::describe)
            .toList(),
        scope ? Optional.empty() : look.driver.base(),
        look.v2().isEmpty() ? Optional.empty() : look.v2().get().kills(cgroupfs),
        controllers);
  }

  /**
   * Where a command that is to outlive the service or session of this process can be: a scope of
   * its own, since a service manager ends all that is in the cgroup of a service.
   *
   * @param unit the scope's name
   */
  public static ScopePlan outliving(Os os, Procfs procfs, Cgroupfs cgroupfs, String unit)
      throws IOException {
    return outliving(os, procfs, cgroupfs, Systemd.Wish.forCommands(unit, Limits.NONE));
  }

  public static ScopePlan outliving(Os os, Procfs procfs, Cgroupfs cgroupfs, Systemd.Wish wish)
      throws IOException {
    Look look = look(os, procfs, cgroupfs, Set.of());
    if (look.outer.isPresent()) {
      return ScopePlan.no("it is part of command " + look.outer.get() + ", and ends with it");
    }
    if (look.v2().isEmpty()) {
      return ScopePlan.no("there is no cgroup v2 hierarchy here");
    }
    return new Systemd(cgroupfs, os.userId(), look.v2().get()).scope(wish, runtimeDirectory());
  }

  /** The command, of another Guard, whose cgroup this process is in. */
  public static Optional<String> outerOf(Os os, Procfs procfs, Cgroupfs cgroupfs)
      throws IOException {
    return look(os, procfs, cgroupfs, Set.of()).outer;
  }

  /** The v2 hierarchy that shows this process. */
  public static Optional<Hierarchy> v2(Os os, Procfs procfs) throws IOException {
    return hierarchies(procfs, os.pid(), os.pid()).stream()
        .filter(h -> h.version() == 2)
        .findFirst();
  }

  private static Optional<String> runtimeDirectory() {
    return Optional.ofNullable(System.getenv("XDG_RUNTIME_DIR"));
  }

  private static List<Hierarchy> hierarchies(Procfs procfs, int mountsOf, int pid)
      throws IOException {
    String mounts = procfs.text(mountsOf, "mountinfo").orElse("");
    return Hierarchy.parse(mounts, procfs.text(pid, "cgroup").orElse(""));
  }

  /** The id of the command, of another Guard, whose cgroup this process is in. */
  public Optional<String> outer() {
    return outer;
  }

  /** A scope in which the lifeline should be started, so that there is room for limits. */
  public Optional<Scope> scope() {
    return scope;
  }

  /** This one, with commands below the scope that the lifeline is in by now. */
  public Limiter inScopeOf(int lifeline) throws IOException {
    Hierarchy hierarchy =
        hierarchies(procfs, os.pid(), lifeline).stream()
            .filter(h -> h.version() == 2 && h.self().endsWith(scope.get().unit()))
            .findFirst()
            .orElseThrow(
                () ->
                    new IOException("systemd did not move the lifeline to " + scope.get().unit()));
    Function<Set<Controller>, CgroupDriver> inScope =
        wanted -> V2Driver.below(os, scope.get(), cgroupfs, hierarchy, lifeline, wanted);
    CgroupDriver below = inScope.apply(limits.controllers());
    below.prepare();
    return new Limiter(
        os,
        procfs,
        cgroupfs,
        limits,
        inScope,
        below,
        outer,
        Optional.empty(),
        "",
        Set.of(),
        inherited.and(hierarchy));
  }

  /** Leaves out the scope, which receipts say with the reason. */
  public Limiter withoutScope(String why) {
    return withoutScope(why, Set.of());
  }

  /**
   * Leaves out the scope that was planned, since the service manager did not come to it: what it
   * would have made room for is lost.
   */
  public Limiter withLostScope(String why) throws IOException {
    Systemd systemd = new Systemd(cgroupfs, os.userId(), v2(os, procfs).orElseThrow());
    Set<Controller> couldBeHad = EnumSet.noneOf(Controller.class);
    for (Controller c : limits.controllers()) {
      if (systemd.delegates(c).available()) {
        couldBeHad.add(c);
      }
    }
    return withoutScope(why, couldBeHad);
  }

  private Limiter withoutScope(String why, Set<Controller> couldBeHad) {
    return new Limiter(
        os,
        procfs,
        cgroupfs,
        limits,
        drivers,
        driver,
        outer,
        Optional.empty(),
        why,
        couldBeHad,
        inherited);
  }

  /**
   * Answers a limiter for a command that has limits of its own. Controllers that no command needed
   * before are looked at and enabled now: a driver knows only those that it was made for.
   */
  public Limiter with(GuardConfig config) {
    Limits own = Limits.of(config);
    Set<Controller> planned = limits.controllers();
    Set<Controller> all = EnumSet.noneOf(Controller.class);
    all.addAll(planned);
    all.addAll(own.controllers());
    CgroupDriver enough = driver;
    if (!planned.containsAll(all)) {
      enough = drivers.apply(all);
      enough.prepare();
    }
    return new Limiter(
        os, procfs, cgroupfs, own, drivers, enough, outer, scope, noScope, lost, inherited);
  }

  /** Where {@link #create} may make the cgroup of the command with this id. */
  public List<Path> places(String id) {
    return driver.places(id);
  }

  /**
   * Makes the command's cgroup, empty, with its limits not set yet. Where the kernel refuses that,
   * as below cgroup.max.descendants, there is none, and the receipt says why.
   */
  public CommandCgroup create(String id) {
    Set<Controller> supported =
        limits.controllers().stream()
            .filter(c -> driver.supports(c).available())
            .collect(Collectors.toCollection(() -> EnumSet.noneOf(Controller.class)));
    try {
      return driver.create(id, supported);
    } catch (IOException e) {
      return CommandCgroup.none(cgroupfs, e.getMessage());
    }
  }

  /** Whatever {@link #create} has made for this command, also when it has failed. */
  public CommandCgroup at(String id) {
    return CommandCgroup.in(cgroupfs, driver.places(id));
  }

  /**
   * Joins the held process, which does not run yet, sets the limits, and reads them back: the
   * receipt of pids, memory, cpu, cpu time, open files.
   */
  public List<Layer> apply(int pid, CommandCgroup cgroup, GuardConfig config) throws IOException {
    List<Layer> layers = new ArrayList<>();
    cgroup.join(pid, procfs);
    for (Controller c : Controller.values()) {
      layers.add(inherited.in(limit(c, cgroup), c, limits.of(c)));
    }
    layers.add(
        config.cpuTime().isEmpty()
            ? Layer.off(LayerName.CPU_TIME)
            : CpuTime.apply(os, pid, cgroup, config));
    layers.add(openFiles(pid, config.openFiles()));
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
      String kill = cgroup.wholeKill().map(k -> ", " + k).orElse("");
      return Layer.active(
          controller.layer(),
          wanted.get(),
          driver.name() + kill + ", " + readBack + ", " + directory.get());
    } catch (IOException e) {
      return Layer.degraded(controller.layer(), wanted.get(), e.getMessage());
    }
  }

  private String missing(Controller controller, CommandCgroup cgroup) {
    if (!cgroup.problem(controller).isEmpty()) {
      return cgroup.problem(controller);
    }
    return reason(driver.supports(controller).reason(), noScope, controller);
  }

  private static String reason(String ofDriver, String noScope, Controller controller) {
    if (ofDriver.isEmpty()) {
      return "";
    }
    String scope = noScope.isEmpty() ? "" : "; no scope instead: " + noScope;
    String instead =
        controller == Controller.PIDS ? "; guard counts them itself, and ends it above that" : "";
    return ofDriver + scope + instead;
  }

  private Layer openFiles(int pid, Optional<Integer> wanted) throws OsException {
    if (wanted.isEmpty()) {
      return Layer.off(LayerName.OPEN_FILES);
    }
    Os.Limit inherited = os.openFiles(pid);
    long limit = openFiles(inherited, wanted.get());
    os.setOpenFiles(pid, new Os.Limit(limit, limit));
    Os.Limit got = os.openFiles(pid);
    if (got.soft() != limit || got.hard() != limit) {
      return Layer.degraded(
          LayerName.OPEN_FILES,
          wanted.get(),
          "RLIMIT_NOFILE reads back " + got.soft() + ":" + got.hard());
    }
    return foreseeOpenFiles(inherited, wanted);
  }

  /**
   * The layer of the open files of a process that inherits this limit, once it is set.
   *
   * @param wanted the setting
   */
  public static Layer foreseeOpenFiles(Os.Limit inherited, Optional<Integer> wanted) {
    if (wanted.isEmpty()) {
      return Layer.off(LayerName.OPEN_FILES);
    }
    long limit = openFiles(inherited, wanted.get());
    String detail = "RLIMIT_NOFILE soft = hard = " + limit;
    return Layer.active(
        LayerName.OPEN_FILES, limit, limit < wanted.get() ? detail + ", as inherited" : detail);
  }

  /**
   * Never above the inherited hard limit; compared unsigned, since RLIM_INFINITY is the largest
   * value.
   */
  private static long openFiles(Os.Limit inherited, int wanted) {
    return Long.compareUnsigned(inherited.hard(), wanted) < 0 ? inherited.hard() : wanted;
  }
}
