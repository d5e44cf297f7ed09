package dev.guard.cgroup;

import dev.guard.os.Cgroupfs;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Makes no cgroups, where nothing is mounted that this process could use. */
record NoCgroups(Cgroupfs fs, String reason) implements CgroupDriver {
  @Override
  public String name() {
    return "none";
  }

  @Override
  public Support supports(Controller controller) {
    return Support.no(reason);
  }

  @Override
  public Optional<Path> base() {
    return Optional.empty();
  }

  @Override
  public List<Path> places(String id) {
    return List.of();
  }

  @Override
  public CommandCgroup create(String id, Set<Controller> limited) {
    return CommandCgroup.none(fs, "");
  }
}
