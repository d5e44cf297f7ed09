package dev.guard.cgroup;

import dev.guard.Layer;
import dev.guard.os.Cgroupfs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads the limits that others have set on cgroups above a command: these hold whatever Guard sets
 * itself.
 *
 * @param hierarchies the hierarchies, with the places that the command is below
 * @param copies the unit that has copies of limits in their place; empty: the command is below all
 */
public record InheritedLimits(
    Cgroupfs fs, List<Hierarchy> hierarchies, Optional<StandingUnit> copies) {

  /** Reads the limits of these places. */
  public InheritedLimits(Cgroupfs fs, List<Hierarchy> hierarchies) {
    this(fs, hierarchies, Optional.empty());
  }

  /** Adds one more place that the command is below. */
  public InheritedLimits and(Hierarchy place) {
    List<Hierarchy> all = new ArrayList<>(hierarchies);
    all.add(place);
    return new InheritedLimits(fs, all, copies);
  }

  /** Says of the limits that a unit has copies of that they are copies. */
  public InheritedLimits withCopies(StandingUnit unit) {
    return new InheritedLimits(fs, hierarchies, Optional.of(unit));
  }

  /** Names in the layer's detail the cgroup above that binds more tightly than the layer. */
  public Layer in(Layer layer, Controller controller, Optional<? extends Number> own) {
    boolean binds = layer.state() == Layer.State.ACTIVE && own.isPresent();
    double limit = binds ? own.get().doubleValue() : Double.POSITIVE_INFINITY;
    String copy =
        copies
            .filter(unit -> layer.state() != Layer.State.DEGRADED)
            .filter(unit -> unit.copied().of(controller).isPresent())
            .map(unit -> "; " + unit.name() + " has a copy of the limit of " + unit.unit())
            .orElse("");
    return layer.withDetail(layer.detail() + suffix(controller, limit) + copy);
  }

  /**
   * Ends a detail with the tightest limit above; empty when no limit above is less than this one.
   */
  public String suffix(Controller controller, double limit) {
    try {
      double least = limit;
      String tightest = "";
      for (Hierarchy h : hierarchies) {
        if (h.version() == 2 || h.controllers().contains(controller.text())) {
          for (Path p = BaseCgroup.home(h.self());
              p.startsWith(h.mountPoint());
              p = p.getParent()) {
            Optional<ControllerFiles.Cap> cap = ControllerFiles.of(h).cap(fs, p, controller);
            // Of equal limits the nearest is named.
            if (cap.isPresent() && cap.get().value() < least) {
              least = cap.get().value();
              tightest = "; bound from above by " + p + ": " + cap.get().text();
            }
          }
        }
      }
      return tightest;
    } catch (IOException e) {
      return "; what binds it from above can not be read: " + e.getMessage();
    }
  }
}
