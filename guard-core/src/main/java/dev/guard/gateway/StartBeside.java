package dev.guard.gateway;

import dev.guard.cgroup.Hierarchy;
import dev.guard.command.UserStore;
import dev.guard.os.Kernel;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Starts the gateway beside a command that no gateway serves, so that the next one is served. The
 * process that starts it is made before the command, since it must not come to be one of the
 * command's orphans, which come to this process; it begins when the command has been released, and
 * ends with this process if that is never.
 */
public final class StartBeside implements AutoCloseable {
  static final int PIPE = 4;

  /** The first shell ends at once, so that the second one is no descendant of its starter. */
  static final String SCRIPT =
      "(read -r go <&" + PIPE + " && exec \"$@\" " + PIPE + "<&-) & exit 0";

  private final Os os;
  private final StartMark mark;
  private final int descriptor;
  private final int pipe;
  private boolean closed;

  StartBeside(Os os, StartMark mark, int descriptor, int pipe) {
    this.os = os;
    this.mark = mark;
    this.descriptor = descriptor;
    this.pipe = pipe;
  }

  /**
   * Prepares the start, where it is wanted and can be.
   *
   * @param own the processes of the guard of this call
   * @param folder where guard is installed
   * @param variables the caller's
   */
  public static Optional<StartBeside> prepare(
      Kernel kernel, Set<Integer> own, Path folder, Map<String, String> variables) {
    try {
      if (variables.containsKey("GUARD_ID") || !UserStore.open().isOrdinary()) {
        return Optional.empty();
      }
      GatewaySocket socket = GatewaySocket.ofUser(kernel);
      boolean needless =
          new StartMark(kernel.os(), socket.directory()).isFresh() || socket.server().isPresent();
      return needless || isAlone(kernel, own)
          ? Optional.empty()
          : Optional.of(GatewayStarter.of(kernel, socket, folder, variables).beside());
    } catch (IOException e) {
      // The command runs as it does without a gateway; guard gateway start says why there is none.
      return Optional.empty();
    }
  }

  /**
   * Tells whether nobody but this process and its shim is in its cgroup of v2, as in a delegated
   * service, or as the first process of a container: there Guard can make room for limits, and the
   * process that waits to start a gateway would be in the way ("no internal processes", see
   * cgroups(7)).
   */
  private static boolean isAlone(Kernel kernel, Set<Integer> own) throws IOException {
    int self = kernel.os().pid();
    String mounts = kernel.procfs().text(self, "mountinfo").orElse("");
    String membership = kernel.procfs().text(self, "cgroup").orElse("");
    for (Hierarchy hierarchy : Hierarchy.parse(mounts, membership)) {
      boolean alone =
          hierarchy.version() == 2
              && own.containsAll(kernel.cgroupfs().processes(hierarchy.self()));
      if (alone) {
        return true;
      }
    }
    return false;
  }

  /** Has it started now, unless another has begun that meanwhile. */
  public synchronized void go() {
    try {
      if (!closed && mark.takeUnlessFresh(descriptor)) {
        os.write(pipe, new byte[] {'\n'});
      }
      close();
    } catch (IOException e) {
      // Somebody has ended the process, or locked the mark; the command runs all the same.
      return;
    }
  }

  @Override
  public synchronized void close() throws OsException {
    if (!closed) {
      closed = true;
      os.close(pipe);
      os.close(descriptor);
    }
  }
}
