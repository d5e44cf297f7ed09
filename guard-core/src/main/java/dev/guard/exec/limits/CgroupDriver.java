package dev.guard.exec.limits;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** One way to put a command into a cgroup of its own. */
interface CgroupDriver {
  /** The name in receipts: v2, v1, hybrid or none. */
  String name();

  /** Whether it can limit tasks here; else the reason in words a person can act on. */
  Support pids();

  /** Every directory that {@link #create} may make for this id, whether or not it is there yet. */
  List<Path> places(String id);

  /**
   * Makes the cgroup of a command, in the hierarchies that its limits need and in the one that can
   * kill it as a whole.
   *
   * @param id the command's id, which names the cgroup
   * @param limitTasks whether pids.max will be set
   */
  CommandCgroup create(String id, boolean limitTasks) throws IOException;

  /** Whether something can be done here, and why not. */
  record Support(boolean available, String reason) {
    static final Support YES = new Support(true, "");

    static Support no(String reason) {
      return new Support(false, reason);
    }
  }
}
