package dev.guard.gateway;

import dev.guard.os.Kernel;
import dev.guard.os.OsException;
import dev.guard.os.ProcessId;
import java.io.IOException;

/**
 * The process at the other end of a connection, which is known by a pidfd where the kernel gives
 * one of it (SO_PEERPIDFD, since Linux 6.5), else by its start time: its number may become
 * another's, of which nothing that is read by the number may be taken for this one.
 */
final class PeerProcess implements AutoCloseable {
  private final Kernel kernel;
  private final ProcessId id;
  private final int pidfd;
  private boolean closed;

  private PeerProcess(Kernel kernel, ProcessId id, int pidfd) {
    this.kernel = kernel;
    this.id = id;
    this.pidfd = pidfd;
  }

  /**
   * Finds it.
   *
   * @param pid its number, as of when it connected
   * @throws IOException when it has gone
   */
  static PeerProcess of(Kernel kernel, int connection, int pid) throws IOException {
    int pidfd = kernel.os().peerPidfd(connection);
    try {
      PeerProcess peer = new PeerProcess(kernel, ProcessId.of(pid, kernel.procfs()), pidfd);
      peer.requireThere();
      return peer;
    } catch (IOException | RuntimeException | Error e) {
      if (pidfd >= 0) {
        kernel.os().close(pidfd);
      }
      throw e;
    }
  }

  ProcessId id() {
    return id;
  }

  /**
   * Makes sure that it is still there, so that what was read by its number until now is its own.
   *
   * @throws IOException when it has gone
   */
  synchronized void requireThere() throws IOException {
    boolean held = pidfd >= 0 && !closed;
    boolean there = held ? !kernel.os().poll(new int[] {pidfd}, 0)[0] : id.lives(kernel.procfs());
    if (!there) {
      throw new IOException("process " + id.pid() + ", which has connected, has gone");
    }
  }

  /** Lets go of the pidfd; a second time has no effect. */
  @Override
  public synchronized void close() throws OsException {
    if (!closed && pidfd >= 0) {
      kernel.os().close(pidfd);
    }
    closed = true;
  }
}
