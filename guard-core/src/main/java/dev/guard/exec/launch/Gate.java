package dev.guard.exec.launch;

import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.OsString;
import java.util.ArrayList;
import java.util.List;

/**
 * A FIFO that holds a spawned process between fork and exec: its open blocks until somebody opens
 * the other end, see fifo(7). It costs no process, leaves the environment and every descriptor
 * alone, and the kernel itself executes the command, so its errors are exact.
 */
final class Gate {
  private static final OsString NAME = OsString.of("/gate");
  private static final int CLOSED = -1;

  private final Os os;
  private final OsString directory;
  private final OsString fifo;
  private int open = CLOSED;

  private Gate(Os os, OsString directory) {
    this.os = os;
    this.directory = directory;
    this.fifo = directory.concat(NAME);
  }

  /** Makes a gate in the first directory that takes one. */
  static Gate make(Os os) throws OsException {
    OsException last = null;
    for (String parent : candidates()) {
      try {
        Gate gate = new Gate(os, os.makeTemporaryDirectory(OsString.of(parent + "/guard-XXXXXX")));
        os.makeFifo(gate.fifo);
        return gate;
      } catch (OsException e) {
        last = e;
      }
    }
    throw last;
  }

  private static List<String> candidates() {
    List<String> candidates = new ArrayList<>();
    String runtime = System.getenv("XDG_RUNTIME_DIR");
    if (runtime != null && runtime.startsWith("/") && runtime.indexOf('\n') < 0) {
      candidates.add(runtime);
    }
    candidates.addAll(List.of("/dev/shm", "/tmp", "/var/tmp"));
    return candidates;
  }

  OsString fifo() {
    return fifo;
  }

  /**
   * Lets the process go, also when it has not come to the gate yet: it is open until {@link
   * #remove}. O_RDWR never blocks, also when the process has died.
   */
  void open() throws OsException {
    open = os.open(fifo, Os.Open.READ_WRITE, 0);
  }

  /** Removes it; only when the process has gone through, or never will. */
  void remove() throws OsException {
    if (open != CLOSED) {
      os.close(open);
      open = CLOSED;
    }
    os.unlink(fifo);
    os.removeDirectory(directory);
  }
}
