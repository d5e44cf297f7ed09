package dev.guard.gateway;

import dev.guard.os.DescriptorCalls;
import dev.guard.os.Errno;
import dev.guard.os.Kernel;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.OsString;
import dev.guard.store.StoreDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The place where shims find the gateway of their user. Its name has the protocol's version, so
 * that two versions can stand beside each other.
 */
public final class GatewaySocket {
  private static final String NAME = "gateway-1";
  // So many may call at once, and be accepted in turn, as the kernel allows by net.core.somaxconn;
  // whoever finds no room here starts a JVM, and a thousand of those take a machine down.
  private static final int BACKLOG = 4096;

  private final Os os;
  private final Path directory;

  private GatewaySocket(Os os, Path directory) {
    this.os = os;
    this.directory = directory;
  }

  /**
   * Finds the place of this user, and makes its directory. No variable has a say: a service and a
   * login of one user have different ones.
   */
  public static GatewaySocket ofUser(Kernel kernel) throws IOException {
    Os os = kernel.os();
    Optional<String> runtime = Optional.of("/run/user/" + os.userId());
    Path store = StoreDirectory.find(os, kernel.procfs(), runtime);
    // Its namespaces are the server's to compare.
    Path first = StoreDirectory.isOfNamespaces(store) ? store.getParent() : store;
    return new GatewaySocket(os, first);
  }

  /** Names the socket. */
  public Path path() {
    return directory.resolve(NAME);
  }

  /**
   * Listens at the socket, which belongs to this process until it ends: the kernel lets go of the
   * lock then, however it ends.
   *
   * @return the listening socket; empty when another gateway has the place
   */
  public OptionalInt listen() throws IOException {
    OsString lock = OsString.of(directory.resolve(NAME + ".lock").toString());
    int descriptor =
        os.open(lock, DescriptorCalls.Open.READ_WRITE | DescriptorCalls.Open.CREATE, 0600);
    if (!os.lock(descriptor)) {
      os.close(descriptor);
      return OptionalInt.empty();
    }
    // Of one that was killed: nobody listens there.
    Files.deleteIfExists(path());
    return OptionalInt.of(os.listen(OsString.of(path().toString()), BACKLOG));
  }

  /** Tells the pid of the gateway that listens there; empty when none does. */
  public OptionalInt server() throws IOException {
    int connection;
    try {
      connection = os.connect(OsString.of(path().toString()));
    } catch (OsException e) {
      if (e.errno() == Errno.ENOENT || e.errno() == Errno.ECONNREFUSED) {
        return OptionalInt.empty();
      }
      throw e;
    }
    try {
      return OptionalInt.of(os.peer(connection).pid());
    } finally {
      os.close(connection);
    }
  }
}
