package dev.guard.launch;

import dev.guard.os.DescriptorCalls;
import dev.guard.os.Errno;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.OsString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Holds a spawned process between fork and exec: the process opens a FIFO, which blocks until
 * somebody opens the other end, see fifo(7), and then a link, which must still be there. A gate
 * costs no process, leaves the environment and every descriptor alone, and the kernel itself
 * executes the command, so its errors are exact.
 */
final class FifoGate {
  private final Os os;
  private final OsString directory;
  private final OsString unknown;
  private final OsString fifo;
  private final OsString alive;
  // A descriptor given up when the gate is opened, which must work without a free one; from then on
  // that of the gate.
  private int reserve = -1;
  private int[] leash = {-1, -1};
  // As long as this descriptor is open, the process waits before all else.
  private int unknownUntil = -1;

  private FifoGate(Os os, OsString directory) {
    this.os = os;
    this.directory = directory;
    this.unknown = directory.concat(OsString.of("/unknown"));
    this.fifo = directory.concat(OsString.of("/gate"));
    this.alive = directory.concat(OsString.of("/alive"));
  }

  /**
   * Makes a gate in the first directory that takes one.
   *
   * @param id the command's id, random enough for a name in a directory that all users share
   * @param runtimeDirectory XDG_RUNTIME_DIR of the caller, if it is set
   */
  static FifoGate make(Os os, ShellLifeline lifeline, String id, Optional<String> runtimeDirectory)
      throws IOException {
    OsException last = null;
    for (String parent : candidates(runtimeDirectory)) {
      FifoGate gate = new FifoGate(os, OsString.of(parent + "/guard-" + id));
      try {
        // The lifeline is told first: Guard may be killed between any two steps, and nothing of the
        // gate may stay.
        lifeline.gate(id, gate.fifo);
        os.makeDirectory(gate.directory, 0700);
        gate.fill(lifeline.descriptor());
        return gate;
      } catch (OsException e) {
        last = e;
      }
    }
    throw last;
  }

  private void fill(int descriptor) throws OsException {
    try {
      reserve = os.open(directory, DescriptorCalls.Open.PATH, 0);
      leash = os.pipe();
      os.killAtHangup(leash[0]);
      unknownUntil =
          os.open(
              unknown,
              DescriptorCalls.Open.CREATE
                  | DescriptorCalls.Open.EXCLUSIVE
                  | DescriptorCalls.Open.READ_WRITE,
              0600);
      // Where there are no leases the process goes on at once, to a gate that ends it only once it
      // is known.
      boolean waits = os.holdOpens(unknownUntil);
      if (!waits) {
        letBeKnown();
      }
      os.makeFifo(fifo);
      // A dead process has no descriptors, also while it is a zombie.
      os.symbolicLink(OsString.of("/proc/" + os.pid() + "/fd/" + descriptor), alive);
    } catch (OsException | RuntimeException | Error e) {
      remove();
      throw e;
    }
  }

  /**
   * Removes the gate of a command whose guard and lifeline were both killed, and lets the process
   * go that waits there: it fails, since its guard has gone. Where there is no gate this has no
   * effect.
   */
  static void giveUp(Os os, String id, Optional<String> runtimeDirectory) throws IOException {
    List<String> parents = new ArrayList<>(candidates(runtimeDirectory));
    // The guard that gives up may have another environment than the first one had.
    parents.add("/run/user/" + os.userId());
    for (String parent : parents) {
      Path directory = Path.of(parent, "guard-" + id);
      // All users share some of these directories: another user's file must lead to nothing of
      // ours.
      if (Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)
          && os.userId()
              == (int) Files.getAttribute(directory, "unix:uid", LinkOption.NOFOLLOW_LINKS)) {
        FifoGate gate = new FifoGate(os, OsString.of(directory.toString()));
        if (Files.exists(Path.of(gate.fifo.toString()), LinkOption.NOFOLLOW_LINKS)) {
          gate.refuse();
        }
        gate.remove();
      }
    }
  }

  private static List<String> candidates(Optional<String> runtimeDirectory) {
    List<String> candidates = new ArrayList<>();
    String runtime = runtimeDirectory.orElse("");
    if (runtime.startsWith("/") && runtime.indexOf('\n') < 0) {
      candidates.add(runtime);
    }
    candidates.addAll(List.of("/dev/shm", "/tmp", "/var/tmp"));
    return candidates;
  }

  OsString unknown() {
    return unknown;
  }

  OsString fifo() {
    return fifo;
  }

  OsString alive() {
    return alive;
  }

  /** Answers the reading end that the process keeps until it is through the gate. */
  int leash() {
    return leash[0];
  }

  /**
   * Has the kernel kill the process from now on if Guard dies while it waits: nobody else may be
   * left who could open the gate. The process keeps nothing of that once it is through.
   */
  void holds(int pid) throws OsException {
    if (leash[0] >= 0) {
      os.setOwner(leash[0], pid);
      closeLeash(0);
    }
    letBeKnown();
  }

  private void letBeKnown() throws OsException {
    if (unknownUntil >= 0) {
      int closing = unknownUntil;
      unknownUntil = -1;
      os.close(closing);
    }
  }

  private void closeLeash(int end) throws OsException {
    if (leash[end] >= 0) {
      int closing = leash[end];
      leash[end] = -1;
      os.close(closing);
    }
  }

  /**
   * Lets the process go, also one that has been forked and has not come to the gate yet: the gate
   * stays open until it is removed. O_RDWR never blocks, also when the process has died.
   */
  void open() throws OsException {
    letBeKnown();
    closeReserve();
    // A file that somebody else has put there neither leads elsewhere nor makes us wait.
    int flags =
        DescriptorCalls.Open.READ_WRITE
            | DescriptorCalls.Open.NOFOLLOW
            | DescriptorCalls.Open.NONBLOCK;
    reserve = os.open(fifo, flags, 0);
  }

  /** Lets the process go on to fail, since the link is gone. */
  void refuse() throws OsException {
    unlink(alive);
    try {
      open();
    } catch (OsException e) {
      // The lifeline has opened the gate, and removed it: a process that is not there yet finds
      // none and fails.
      ignoreMissing(e);
    }
  }

  /** Removes the gate; one that has gone already is no error. */
  void remove() throws OsException {
    closeLeash(0);
    closeLeash(1);
    letBeKnown();
    closeReserve();
    unlink(unknown);
    unlink(alive);
    unlink(fifo);
    try {
      os.removeDirectory(directory);
    } catch (OsException e) {
      ignoreMissing(e);
    }
  }

  private void closeReserve() throws OsException {
    if (reserve >= 0) {
      int closing = reserve;
      reserve = -1;
      os.close(closing);
    }
  }

  private void unlink(OsString path) throws OsException {
    try {
      os.unlink(path);
    } catch (OsException e) {
      ignoreMissing(e);
    }
  }

  private static void ignoreMissing(OsException e) throws OsException {
    if (e.errno() != Errno.ENOENT) {
      throw e;
    }
  }
}
