package dev.guard.monitor;

import dev.guard.cgroup.CommandCgroup;
import dev.guard.os.Errno;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.ProcessId;
import dev.guard.os.Procfs;
import dev.guard.os.Signals;
import dev.guard.value.Result.Stray;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Acts on processes that have left the cgroup: reports each once, and brings it back or kills it.
 */
final class StrayControl {
  private static final int MOST_STRAYS = 20;

  private final Os os;
  private final Procfs procfs;
  private final CommandCgroup cgroup;
  private final Watch.Adoptions adoptions;
  private final boolean bringBack;
  private final Set<ProcessId> reported = new HashSet<>();
  private final Set<ProcessId> outOfReach = new HashSet<>();
  private final List<Stray> strays = Collections.synchronizedList(new ArrayList<>());
  private volatile boolean over;

  /**
   * Makes the control of one command's strays.
   *
   * @param adoptions told once of each process
   * @param bringBack whether a process that left is moved back; else it is killed
   */
  StrayControl(
      Os os, Procfs procfs, CommandCgroup cgroup, Watch.Adoptions adoptions, boolean bringBack) {
    this.os = os;
    this.procfs = procfs;
    this.cgroup = cgroup;
    this.adoptions = adoptions;
    this.bringBack = bringBack;
  }

  /** Lists the first few processes that left the cgroup until now. */
  List<Stray> strays() {
    return List.copyOf(strays);
  }

  /** Stops all actions, also those of a look that hangs and goes on later. */
  void stop() {
    over = true;
  }

  /** Forgets the processes that are not in the tree any more. */
  void keepOnly(Set<Integer> tree) {
    reported.removeIf(process -> !tree.contains(process.pid()));
    outOfReach.removeIf(process -> !tree.contains(process.pid()));
  }

  /** Reports a process that neither a cgroup nor a parent may lead to later. */
  void report(ProcessId process) throws IOException {
    if (!over && reported.add(process)) {
      adoptions.adopted(process);
    }
  }

  /** Ends a look, now that all its finds have been reported. */
  void looked() throws IOException {
    adoptions.looked();
  }

  /** Reports a process that has left the cgroup, and puts an end to that. */
  void handle(Procfs.Stat process) throws IOException {
    if (over) {
      return;
    }
    report(process.id());
    String where =
        String.join(" ", procfs.text(process.pid(), "cgroup").orElse("").lines().toList());
    Optional<Stray.Action> action = bringBack ? bringBack(process) : kill(process);
    if (action.isEmpty()
        || (action.get() == Stray.Action.OUT_OF_REACH && !outOfReach.add(process.id()))) {
      return;
    }
    if (strays.size() < MOST_STRAYS) {
      strays.add(new Stray(process.pid(), process.command(), where, action.get()));
    }
  }

  private Optional<Stray.Action> bringBack(Procfs.Stat process) throws IOException {
    try {
      cgroup.members().bringBack(process.pid(), procfs);
      return Optional.of(Stray.Action.RETURNED);
    } catch (IOException e) {
      // The process may not be moved from where it has gone, or it left again: it may not run
      // unlimited.
      return kill(process);
    }
  }

  /** Kills a process, and says what came of it; empty when it had ended. */
  private Optional<Stray.Action> kill(Procfs.Stat process) throws IOException {
    if (procfs.liveThread(process.pid()).isEmpty()) {
      return Optional.empty();
    }
    try {
      return process.id().signal(os, procfs, Signals.KILL)
          ? Optional.of(Stray.Action.KILLED)
          : Optional.empty();
    } catch (OsException e) {
      if (e.errno() != Errno.EPERM) {
        throw e;
      }
      // The process has become another user's, as under sudo(8), and has left with that user's
      // rights.
      return Optional.of(Stray.Action.OUT_OF_REACH);
    }
  }
}
