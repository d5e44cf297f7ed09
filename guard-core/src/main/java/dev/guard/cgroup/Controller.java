package dev.guard.cgroup;

import dev.guard.LayerName;
import java.util.Locale;

/** Names a resource controller of cgroups that Guard sets a limit with. */
public enum Controller {
  PIDS(LayerName.PIDS),
  MEMORY(LayerName.MEMORY),
  CPU(LayerName.CPU);

  private final LayerName layer;

  Controller(LayerName layer) {
    this.layer = layer;
  }

  /** Names the layer of the receipt that the controller's limit is. */
  public LayerName layer() {
    return layer;
  }

  /** Spells the controller's name as cgroup.controllers and /proc/self/cgroup do. */
  String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
