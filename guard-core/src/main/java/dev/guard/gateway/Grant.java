package dev.guard.gateway;

import dev.guard.Leftovers;
import dev.guard.cgroup.CommandCgroup;
import dev.guard.os.OsString;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A grant says how the shim is to make the child.
 *
 * @param asScript whether the shell runs the program
 * @param inForeground whether it stays in the process group of the shim, which then leaves the
 *     terminal alone
 * @param leftovers what becomes of processes that outlive the main one, also without this gateway
 * @param command the index of the program in the arguments of the shim
 * @param directory where it works; empty: where the shim does
 * @param id of the command
 * @param cgroups which the child is made in, or joins
 * @param timeout from its release on
 * @param grace between TERM and KILL
 */
record Grant(
    boolean asScript,
    boolean inForeground,
    Leftovers leftovers,
    int command,
    Optional<OsString> directory,
    String id,
    List<CommandCgroup.Entrance> cgroups,
    Optional<Duration> timeout,
    Duration grace) {
  private static final int AS_SCRIPT = 1;
  private static final int IN_FOREGROUND = 2;
  private static final int KEEPS = 4;
  private static final int KEEPS_WITH_CALLER = 8;
  private static final int V1 = 1;
  private static final int V2 = 2;
  private static final int V2_WITH_LEAF = 3;
  private static final int V2_BY_MANAGER = 4;

  /** Leaves the child where the shim is. */
  Grant withoutCgroups() {
    return new Grant(
        asScript, inForeground, leftovers, command, directory, id, List.of(), timeout, grace);
  }

  byte[] frame() {
    FrameWriter grant =
        new FrameWriter(Frame.GRANT)
            .u32(flags())
            .u32(command)
            .string(directory.orElse(OsString.of("")))
            .strings(List.of(OsString.of("GUARD_ID=" + id)))
            .u32(cgroups.size());
    for (CommandCgroup.Entrance cgroup : cgroups) {
      grant.u8(kind(cgroup)).string(OsString.of(cgroup.directory().toString()));
    }
    return grant.u64(timeout.map(Duration::toMillis).orElse(0L)).u64(grace.toMillis()).frame();
  }

  private int flags() {
    int keeps =
        switch (leftovers) {
          case KILL -> 0;
          case KEEP -> KEEPS;
          case WITH_PARENT -> KEEPS_WITH_CALLER;
        };
    return keeps | (asScript ? AS_SCRIPT : 0) | (inForeground ? IN_FOREGROUND : 0);
  }

  private static int kind(CommandCgroup.Entrance cgroup) {
    if (cgroup.v1()) {
      return V1;
    }
    if (cgroup.byManager()) {
      return V2_BY_MANAGER;
    }
    return cgroup.hasLeaf() ? V2_WITH_LEAF : V2;
  }
}
