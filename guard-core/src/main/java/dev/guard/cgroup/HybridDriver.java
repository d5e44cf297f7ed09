package dev.guard.cgroup;

import dev.guard.os.Cgroupfs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Makes cgroups in v1 hierarchies, which have the controllers, and in a v2 tree without any beside
 * them: limits are on v1, cgroup.kill is on v2. With no v2 tree, or with an old one that can not
 * kill, this is plain v1, where the freezer keeps the tree from forking while it is killed.
 */
public final class HybridDriver implements CgroupDriver {
  /** Names the driver where there is no v2 tree beside. */
  public static final String V1_ALONE = "v1";

  private final Cgroupfs fs;
  private final Map<Controller, Hierarchy> controllers = new EnumMap<>(Controller.class);
  private final Optional<Hierarchy> freezer;
  private final Optional<Hierarchy> unified;
  private final String name;

  HybridDriver(Cgroupfs fs, List<Hierarchy> hierarchies) {
    this.fs = fs;
    for (Controller c : Controller.values()) {
      named(hierarchies, c.text()).ifPresent(h -> controllers.put(c, h));
    }
    this.freezer = named(hierarchies, "freezer").filter(this::writable);
    this.name = hierarchies.stream().anyMatch(h -> h.version() == 2) ? "hybrid" : V1_ALONE;
    this.unified =
        hierarchies.stream().filter(h -> h.version() == 2).filter(this::writable).findFirst();
  }

  private static Optional<Hierarchy> named(List<Hierarchy> hierarchies, String controller) {
    return hierarchies.stream().filter(h -> h.controllers().contains(controller)).findFirst();
  }

  private boolean writable(Hierarchy hierarchy) {
    return fs.writable(hierarchy.self(), "");
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Support supports(Controller controller) {
    Hierarchy hierarchy = controllers.get(controller);
    if (hierarchy == null) {
      return Support.no(
          "no v1 hierarchy with the "
              + controller.text()
              + " controller is mounted, see docs/cgroups.md");
    }
    return writable(hierarchy) ? Support.YES : Support.no(hierarchy.notWritable(hierarchy.self()));
  }

  @Override
  public Optional<Path> base() {
    return Stream.concat(
            controllers.values().stream().filter(this::writable),
            Stream.of(unified, freezer).flatMap(Optional::stream))
        .map(h -> BaseCgroup.of(h.self()))
        .findFirst();
  }

  @Override
  public List<Path> places(String id) {
    return Stream.concat(
            controllers.values().stream(), Stream.of(freezer, unified).flatMap(Optional::stream))
        .map(h -> BaseCgroup.place(h.self(), id))
        .distinct()
        .toList();
  }

  @Override
  public CommandCgroup create(String id, Set<Controller> limited) {
    List<Path> made = new ArrayList<>();
    Map<Controller, Path> limits = new EnumMap<>(Controller.class);
    Map<Controller, String> refused = new EnumMap<>(Controller.class);
    for (Controller c : limited) {
      // Controllers can share a hierarchy, as cpu and cpuacct do.
      Path place = BaseCgroup.place(controllers.get(c).self(), id);
      try {
        if (!made.contains(place)) {
          made.add(BaseCgroup.make(fs, controllers.get(c).self(), id, base -> {}));
        }
        limits.put(c, place);
      } catch (IOException e) {
        // The other hierarchies have nothing to do with this one.
        refused.put(c, e.getMessage());
      }
    }
    unified.flatMap(h -> makeToKill(h, id)).ifPresent(made::add);
    if (made.stream().noneMatch(d -> fs.has(d, "cgroup.kill"))) {
      freezer.flatMap(h -> makeToKill(h, id)).ifPresent(made::add);
    }
    return new CommandCgroup(fs, ControllerFiles.V1, made, limits, refused, "", Optional.empty());
  }

  /**
   * Makes a cgroup that can only kill. Without such a cgroup the tree is killed process by process,
   * which is no reason to refuse a command.
   */
  private Optional<Path> makeToKill(Hierarchy hierarchy, String id) {
    try {
      return Optional.of(BaseCgroup.make(fs, hierarchy.self(), id, base -> {}));
    } catch (IOException e) {
      // The cause is e.g. cgroup.max.descendants. The receipt names the means to kill, and then not
      // this one.
      return Optional.empty();
    }
  }
}
