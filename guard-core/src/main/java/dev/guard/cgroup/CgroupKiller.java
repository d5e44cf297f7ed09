package dev.guard.cgroup;

import dev.guard.os.Cgroupfs;
import dev.guard.os.DescriptorCalls;
import dev.guard.os.Errno;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.Signals;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * Kills a command's cgroup as a whole: by cgroup.kill of v2, or by the freezer of v1.
 *
 * <p>A directory that was left out or removed meanwhile has nobody in it, and is passed over.
 */
public final class CgroupKiller {
  private static final String KILL = "cgroup.kill";
  private static final String STATE = "freezer.state";
  private static final long FREEZE_PATIENCE_NANOS = 200_000_000L;
  private static final long FREEZE_LOOK_NANOS = 2_000_000L;

  private final Cgroupfs fs;
  private final List<Path> directories;
  private final List<Integer> held = new ArrayList<>();
  private volatile boolean wasKilled;

  CgroupKiller(Cgroupfs fs, List<Path> directories) {
    this.fs = fs;
    this.directories = directories;
  }

  /** Names the file that can end all processes in one step; empty when no file can. */
  public Optional<String> wholeKill() {
    if (!held.isEmpty()) {
      return Optional.of(KILL);
    }
    for (Path directory : directories) {
      for (String file : List.of(KILL, STATE)) {
        if (fs.has(directory, file)) {
          return Optional.of(file);
        }
      }
    }
    return Optional.empty();
  }

  /**
   * Opens every cgroup.kill at a time when a refusal only means that the command does not run:
   * later there may be no descriptor to be had.
   */
  public synchronized void hold(Os os) throws OsException {
    for (Path directory : directories) {
      os.openIfThere(fs.bytes(directory, KILL), DescriptorCalls.Open.WRITE).ifPresent(held::add);
    }
  }

  /**
   * Kills everything that can be killed by the files that {@link #hold} has opened, and reads
   * nothing.
   */
  public synchronized void killHeld(Os os) throws OsException {
    for (int kill : held) {
      try {
        os.write(kill, new byte[] {'1'});
      } catch (OsException e) {
        if (e.errno() != Errno.ENODEV) {
          throw e;
        }
        // The cgroup was removed, so there is nothing left to kill.
      }
    }
  }

  /** Closes the files that {@link #hold} has opened. A second call has no effect. */
  public synchronized void close(Os os) throws OsException {
    while (!held.isEmpty()) {
      os.close(held.remove(held.size() - 1));
    }
  }

  /**
   * Kills everything in the cgroup that can be killed as a whole, and keeps the rest from forking.
   * A cgroup that somebody else removes meanwhile is no error.
   *
   * @return whether the whole cgroup was killed, as far as is known at the first time; else the
   *     caller has to kill {@link CgroupMembers#processes} until there are none
   */
  public boolean kill(Os os) throws IOException {
    List<Path> killed = new ArrayList<>();
    for (Path directory : directories) {
      if (fs.has(directory, KILL)) {
        fs.writeIfThere(directory, KILL, "1");
        killed.add(directory);
      }
      for (Path cgroup : fs.subtree(directory)) {
        fs.writeIfThere(cgroup, "pids.max", "0");
      }
    }
    for (Path directory : directories) {
      if (killed.isEmpty() && fs.has(directory, STATE) && killFrozen(directory, os)) {
        killed.add(directory);
      }
    }
    boolean again = wasKilled;
    wasKilled = !killed.isEmpty();
    return wasKilled && (!again || reachesAll(killed));
  }

  /**
   * Tells whether nobody is in another hierarchy alone: a process may leave each of them by itself.
   * The question is asked when the first kill has had its effect, since those who die are not
   * listed alike.
   */
  private boolean reachesAll(List<Path> killed) throws IOException {
    List<Path> rest = new ArrayList<>(directories);
    rest.removeAll(killed);
    Set<Integer> others = CgroupMembers.union(CgroupMembers.lists(fs, rest));
    return others.isEmpty()
        || CgroupMembers.union(CgroupMembers.lists(fs, killed)).containsAll(others);
  }

  /**
   * Kills all processes of a v1 freezer. A frozen process can not fork, and takes its KILL when it
   * is thawed, see admin-guide/cgroup-v1/freezer-subsystem.rst.
   *
   * @return whether no process can have got away
   */
  private boolean killFrozen(Path directory, Os os) throws IOException {
    try {
      fs.write(directory, STATE, "FROZEN");
      long deadline = System.nanoTime() + FREEZE_PATIENCE_NANOS;
      boolean frozen;
      while (!(frozen = fs.read(directory, STATE).equals("FROZEN"))
          && System.nanoTime() < deadline) {
        LockSupport.parkNanos(FREEZE_LOOK_NANOS);
      }
      return killEach(CgroupMembers.in(fs, directory), os) && frozen;
    } catch (NoSuchFileException e) {
      // The cgroup was removed, so there is nothing left to kill.
      return true;
    } finally {
      fs.writeIfThere(directory, STATE, "THAWED");
    }
  }

  private static boolean killEach(Set<Integer> pids, Os os) {
    boolean all = true;
    for (int pid : pids) {
      try {
        if (pid == 0) {
          // The process is outside of our namespace of processes; to kill(2) the number 0 is our
          // own group.
          all = false;
        } else {
          os.kill(pid, Signals.KILL);
        }
      } catch (OsException e) {
        // The process is another user's by now: the caller finds it among those that are left.
        all = false;
      }
    }
    return all;
  }
}
