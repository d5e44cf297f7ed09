package dev.guard.exec.limits;

import dev.guard.os.Cgroupfs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * v1 hierarchies for the controllers and a v2 tree without any beside them: limits on v1,
 * cgroup.kill on v2. With no v2 tree this is plain v1.
 */
final class HybridDriver implements CgroupDriver {
  private final Cgroupfs fs;
  private final Optional<Hierarchy> pids;
  private final Optional<Hierarchy> unified;

  HybridDriver(Cgroupfs fs, List<Hierarchy> hierarchies) {
    this.fs = fs;
    this.pids = hierarchies.stream().filter(h -> h.controllers().contains("pids")).findFirst();
    this.unified = hierarchies.stream().filter(h -> h.version() == 2).findFirst();
  }

  @Override
  public String name() {
    return unified.isPresent() ? "hybrid" : "v1";
  }

  @Override
  public Support pids() {
    if (pids.isEmpty()) {
      return Support.no("no v1 hierarchy with the pids controller is mounted, see docs/cgroups.md");
    }
    Path self = pids.get().self();
    return fs.writable(self, "")
        ? Support.YES
        : Support.no(
            self
                + " is not writable for this user; run as root or have it delegated, see docs/cgroups.md");
  }

  @Override
  public List<Path> places(String id) {
    return Stream.of(pids, unified)
        .flatMap(Optional::stream)
        .map(h -> Base.place(h.self(), id))
        .toList();
  }

  @Override
  public CommandCgroup create(String id, boolean limitTasks) throws IOException {
    List<Path> made = new ArrayList<>();
    Optional<Path> limited = Optional.empty();
    if (limitTasks) {
      limited = Optional.of(Base.make(fs, pids.get().self(), id, base -> {}));
      made.add(limited.get());
    }
    unifiedCgroup(id).ifPresent(made::add);
    return new CommandCgroup(fs, made, limited);
  }

  /** Without it the tree is killed process by process: no reason to refuse a command. */
  private Optional<Path> unifiedCgroup(String id) {
    if (unified.isEmpty() || !fs.writable(unified.get().self(), "")) {
      return Optional.empty();
    }
    try {
      return Optional.of(Base.make(fs, unified.get().self(), id, base -> {}));
    } catch (IOException e) {
      // E.g. cgroup.max.descendants. The receipt of the pids layer does not name cgroup.kill then.
      return Optional.empty();
    }
  }
}
