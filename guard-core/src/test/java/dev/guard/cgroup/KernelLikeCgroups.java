package dev.guard.cgroup;

import dev.guard.os.Cgroupfs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Keeps a v2 tree of plain files in which a new cgroup gets its files, and a controller that is
 * enabled shows in the cgroups below.
 */
final class KernelLikeCgroups extends Cgroupfs {
  private static final String ENABLED = "cgroup.subtree_control";

  private final Path root;

  KernelLikeCgroups(Path root) {
    super(root);
    this.root = root;
  }

  private Path at(Path cgroup) {
    return root.resolve(Path.of("/").relativize(cgroup));
  }

  @Override
  public void create(Path cgroup) throws IOException {
    super.create(cgroup);
    populate(cgroup);
  }

  @Override
  public void createNew(Path cgroup) throws IOException {
    super.createNew(cgroup);
    populate(cgroup);
  }

  @Override
  public void write(Path cgroup, String file, String value) throws IOException {
    if (!file.equals(ENABLED)) {
      super.write(cgroup, file, value);
      return;
    }
    super.write(cgroup, file, (read(cgroup, file) + " " + value.substring(1)).strip());
    try (Stream<Path> below = Files.list(at(cgroup))) {
      for (Path one : below.filter(Files::isDirectory).toList()) {
        populate(cgroup.resolve(one.getFileName().toString()));
      }
    }
  }

  private void populate(Path cgroup) throws IOException {
    Path above = cgroup.getParent();
    String controllers = has(above, ENABLED) ? read(above, ENABLED) : "";
    put(cgroup, "cgroup.controllers", controllers);
    for (String file : List.of(ENABLED, "cgroup.procs")) {
      putNew(cgroup, file, "");
    }
    putNew(cgroup, "cgroup.type", "domain\n");
    for (String controller : controllers.isEmpty() ? new String[0] : controllers.split(" ", -1)) {
      putNew(cgroup, controller + ".max", "");
    }
  }

  private void putNew(Path cgroup, String file, String text) throws IOException {
    if (!has(cgroup, file)) {
      put(cgroup, file, text);
    }
  }

  private void put(Path cgroup, String file, String text) throws IOException {
    Files.writeString(at(cgroup).resolve(file), text);
  }
}
