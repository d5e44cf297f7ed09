package dev.guard.cgroup;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** One way to put a command into a cgroup of its own. */
public interface CgroupDriver {
  /** The name in receipts: v2, v1, hybrid, systemd or none. */
  String name();

  /** Whether it can limit with this controller here; else why not, in words to act on. */
  Support supports(Controller controller);

  /**
   * Arranges what is needed before cgroups with limits can be made; all before this only looks.
   * What can not be arranged is no longer supported.
   */
  default void prepare() {}

  /** What commands' cgroups are made below; empty: none can be made. */
  Optional<Path> base();

  /** Every directory that {@link #create} may make for this id, whether or not it is there yet. */
  List<Path> places(String id);

  /**
   * Makes the cgroup of a command, in the hierarchies that its limits need and in the one that can
   * kill it as a whole.
   *
   * @param id the command's id, which names the cgroup
   * @param limited the controllers whose limits will be set; all of them supported
   */
  CommandCgroup create(String id, Set<Controller> limited) throws IOException;

  /** Whether something can be done here, and why not. */
  record Support(boolean available, String reason) {
    static final Support YES = new Support(true, "");

    public static Support no(String reason) {
      return new Support(false, reason);
    }
  }
}
