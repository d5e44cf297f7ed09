package dev.guard.cgroup;

import dev.guard.LayerName;
import dev.guard.systemd.ScopePlan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Foresees what the cgroups of commands would come to here, by the choice that a start makes, and
 * arranges nothing.
 *
 * @param driver the name of the driver in receipts
 * @param instead why a scope of systemd would be asked for; empty: it would not
 * @param outer the command, of another Guard, that this process is part of
 * @param hierarchies the mounted hierarchies, and where this process is in them, a line each
 * @param base the cgroup below which commands' cgroups would be made; empty: none can be made, or
 *     it is in the scope
 * @param kills whether the kernel can kill a cgroup of the v2 tree as a whole; empty: there is no
 *     such tree, or it has nothing that shows this
 * @param controllers the layers that cgroups are
 */
public record CgroupForesight(
    String driver,
    String instead,
    Optional<String> outer,
    List<String> hierarchies,
    Optional<Path> base,
    Optional<Boolean> kills,
    List<ForeseenLimit> controllers) {

  /**
   * Foresees the limit of one controller.
   *
   * @param layer the layer that the controller is
   * @param limit the limit that the settings ask for, as in the receipt; empty: none, and then the
   *     foresight is for commands that ask for one, too
   * @param available whether the controller could be limited
   * @param detail why the controller could not be limited; empty where it could
   * @param above the end of the layer's detail, about tighter limits above
   */
  public record ForeseenLimit(
      LayerName layer, Optional<String> limit, boolean available, String detail, String above) {}

  /** Foresees what commands with these limits would get. */
  public static CgroupForesight of(CgroupSituation situation, CgroupLimits limits)
      throws IOException {
    Set<Controller> asked =
        limits.controllers().isEmpty() ? EnumSet.of(Controller.PIDS) : limits.controllers();
    CgroupDriver driver = situation.driver(asked);
    boolean scope = scope(situation, driver).scope().isPresent();
    List<ForeseenLimit> controllers = new ArrayList<>();
    for (Controller controller : Controller.values()) {
      controllers.add(limit(situation, limits, controller));
    }
    Optional<Hierarchy> v2 = situation.v2();
    return new CgroupForesight(
        scope ? V2Driver.IN_SCOPE : driver.name(),
        scope ? obstacle(driver, asked) : "",
        situation.outer(),
        situation.hierarchies().stream()
            .filter(Hierarchy::concernsGuard)
            .map(Hierarchy::describe)
            .toList(),
        scope ? Optional.empty() : driver.base(),
        v2.isEmpty() ? Optional.empty() : v2.get().kills(situation.fs()),
        controllers);
  }

  private static ScopePlan scope(CgroupSituation situation, CgroupDriver driver)
      throws IOException {
    return situation.scopeInsteadOf(driver, "guard-foreseen.scope", CgroupLimits.NONE);
  }

  private static ForeseenLimit limit(
      CgroupSituation situation, CgroupLimits limits, Controller controller) throws IOException {
    Set<Controller> wanted = EnumSet.of(controller);
    wanted.addAll(limits.controllers());
    CgroupDriver.Support support = support(situation, situation.driver(wanted), controller);
    Optional<String> limit = limits.of(controller).map(String::valueOf);
    double own =
        limit.isPresent() && support.available()
            ? limits.of(controller).get().doubleValue()
            : Double.POSITIVE_INFINITY;
    String above =
        new InheritedLimits(situation.fs(), situation.hierarchies()).suffix(controller, own);
    return new ForeseenLimit(
        controller.layer(), limit, support.available(), support.reason(), above);
  }

  /** Tells whether a controller could be limited, with a scope if there is need for one. */
  private static CgroupDriver.Support support(
      CgroupSituation situation, CgroupDriver driver, Controller controller) throws IOException {
    ScopePlan plan = scope(situation, driver);
    boolean inScope = plan.scope().isPresent();
    CgroupDriver.Support support =
        inScope ? situation.inScope(controller) : driver.supports(controller);
    return support.available()
        ? support
        : CgroupDriver.Support.no(support.reason(inScope ? "" : plan.problem(), controller));
  }

  /** Says why there is no room beside Guard. */
  private static String obstacle(CgroupDriver driver, Set<Controller> wanted) {
    return wanted.stream()
        .map(driver::supports)
        .filter(s -> !s.available())
        .map(CgroupDriver.Support::reason)
        .findFirst()
        .orElse("no process may be moved there");
  }

  /**
   * Tells whether a cgroup would count processor time: those of the v2 tree do, without a
   * controller.
   */
  public boolean countsCpuTime() {
    boolean made = base.isPresent() || !instead.isEmpty();
    return made && !driver.equals(HybridDriver.V1_ALONE);
  }
}
