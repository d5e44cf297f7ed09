package dev.guard.cgroup;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Puts commands into cgroups of their own, in the way that one kind of host needs. */
public interface CgroupDriver {
  /** Names the driver as receipts do: v2, v1, hybrid, systemd or none. */
  String name();

  /**
   * Tells whether the driver can limit with this controller here; else why not, in words to act on.
   */
  Support supports(Controller controller);

  /**
   * Arranges what is needed before cgroups with limits can be made; everything called before this
   * only looks. A controller that can not be arranged is no longer supported.
   */
  default void prepare() {}

  /**
   * Answers a driver that has looked for these controllers too. Nothing is arranged for them yet.
   */
  default CgroupDriver lookFor(Set<Controller> wanted) {
    return this;
  }

  /** Names the cgroup that commands' cgroups are made in; empty: none can be made. */
  Optional<Path> base();

  /** Lists the directories that {@link #create} may make for this id, there or not. */
  List<Path> places(String id);

  /**
   * Makes the cgroup of a command, in the hierarchies that its limits need and in the one that can
   * kill it as a whole.
   *
   * @param id the command's id, which names the cgroup
   * @param limited the controllers whose limits will be set; all of them supported
   */
  CommandCgroup create(String id, Set<Controller> limited) throws IOException;

  /**
   * Says whether a controller can limit here.
   *
   * @param reason why the controller can not limit; empty where it can
   */
  record Support(boolean available, String reason) {
    static final Support YES = new Support(true, "");

    /** Says that a controller can not limit, and why. */
    public static Support no(String reason) {
      return new Support(false, reason);
    }

    /**
     * Says why a controller can not limit, for a receipt.
     *
     * @param noScope why there is no scope that would have helped; empty: none was planned
     */
    public String reason(String noScope, Controller controller) {
      if (reason.isEmpty()) {
        return "";
      }
      String scope = noScope.isEmpty() ? "" : "; no scope instead: " + noScope;
      String instead =
          controller == Controller.PIDS ? "; guard counts them itself, and ends it above that" : "";
      return reason + scope + instead;
    }
  }
}
