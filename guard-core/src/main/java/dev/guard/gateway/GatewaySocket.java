package dev.guard.gateway;

import dev.guard.os.DescriptorCalls;
import dev.guard.os.Errno;
import dev.guard.os.Kernel;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.OsString;
import dev.guard.os.OwnFiles;
import dev.guard.os.SocketCalls;
import dev.guard.store.StoreDirectory;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.locks.LockSupport;

/**
 * The place where shims find the gateway of their user. Its name has the protocol's version, so
 * that two versions can stand beside each other.
 */
public final class GatewaySocket {
  /** The version of the protocol that is spoken there. */
  public static final int PROTOCOL = 1;

  private static final String NAME = "gateway-" + PROTOCOL;
  private static final int OTHERS = 077;
  // So many may call at once, and be accepted in turn, as the kernel allows by net.core.somaxconn;
  // whoever finds no room here starts a JVM, and a thousand of those take a machine down.
  private static final int BACKLOG = 4096;

  // The one before has it until it has ended, and a service manager starts the next one then.
  private static final long LOCK_PATIENCE_NANOS = 5_000_000_000L;
  private static final long LOOK_NANOS = 5_000_000;

  private final Os os;
  private final Path directory;
  private OptionalInt lock = OptionalInt.empty();
  private boolean kept;

  private GatewaySocket(Os os, Path directory) {
    this.os = os;
    this.directory = directory;
  }

  /**
   * Finds the place of this user, and makes its directory. No variable has a say: a service and a
   * login of one user have different ones.
   *
   * @throws IOException when no shim would look at what can be had, with the reason and a remedy
   */
  public static GatewaySocket ofUser(Kernel kernel) throws IOException {
    Os os = kernel.os();
    Optional<String> runtime = Optional.of("/run/user/" + os.userId());
    Path store = StoreDirectory.find(os, kernel.procfs(), runtime);
    // Its namespaces are the server's to compare.
    Path first = StoreDirectory.isOfNamespaces(store) ? store.getParent() : store;
    Path looked = lookedAt(os.userId());
    if (!first.equals(looked)) {
      // A shim looks at one place alone, and budgets that are kept elsewhere are no gateway there.
      OwnFiles.checkDirectory(os.userId(), looked.getParent(), 0);
      OwnFiles.checkDirectory(os.userId(), looked, OTHERS);
      throw new IOException(looked + " can not be used; make it a directory of yours, mode 700");
    }
    return new GatewaySocket(os, first);
  }

  /** Names the directory that shims look at, as find_directory of the shim has it. */
  private static Path lookedAt(int user) throws IOException {
    if (user == 0) {
      return Path.of("/run/guard");
    }
    Path runtime = Path.of("/run/user/" + user);
    boolean own =
        Files.isDirectory(runtime, LinkOption.NOFOLLOW_LINKS)
            && Files.getAttribute(runtime, "unix:uid").equals(user);
    return own ? runtime.resolve("guard") : Path.of("/tmp/guard-" + user);
  }

  /** Names the socket. */
  public Path path() {
    return directory.resolve(NAME);
  }

  /** Names the directory of the socket. */
  public Path directory() {
    return directory;
  }

  /**
   * Listens at the socket, which belongs to this process until it ends: the kernel lets go of the
   * lock then, however it ends.
   *
   * @return the listening socket; empty when another gateway has the place
   */
  public OptionalInt listen() throws IOException {
    if (!takePlace()) {
      return OptionalInt.empty();
    }
    OptionalInt other = server();
    if (other.isPresent()) {
      throw new IOException(
          path()
              + " is listened to by process "
              + other.getAsInt()
              + ", which is no gateway; where a service manager has the socket, guard gateway start"
              + " starts one");
    }
    try {
      // Of one that was killed: nobody listens there.
      Files.deleteIfExists(path());
    } catch (DirectoryNotEmptyException e) {
      throw new IOException(path() + " is a directory; remove it", e);
    }
    return OptionalInt.of(os.listen(OsString.of(path().toString()), BACKLOG));
  }

  /**
   * Serves at a socket that a service manager has given, listens to as well, and keeps when this
   * process ends.
   *
   * @return the listening socket; empty when another gateway has the place
   */
  public OptionalInt listen(ActivatedSocket given) throws IOException {
    given.check(path());
    long deadline = System.nanoTime() + LOCK_PATIENCE_NANOS;
    while (!takePlace()) {
      if (System.nanoTime() > deadline) {
        return OptionalInt.empty();
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
    kept = true;
    os.listenAgain(given.descriptor(), BACKLOG);
    return OptionalInt.of(given.descriptor());
  }

  /** Tells whether somebody else listens there as well, so that it is not this process's to end. */
  public boolean isKept() {
    return kept;
  }

  /** Takes the place for a socket that is listened to already; false: another gateway has it. */
  public boolean takePlace() throws IOException {
    int descriptor = openLock();
    if (os.lock(descriptor)) {
      lock = OptionalInt.of(descriptor);
      return true;
    }
    os.close(descriptor);
    return false;
  }

  private int openLock() throws OsException {
    OsString file = OsString.of(directory.resolve(NAME + ".lock").toString());
    return os.open(file, DescriptorCalls.Open.READ_WRITE | DescriptorCalls.Open.CREATE, 0600);
  }

  /**
   * Gives the place to whoever comes next. Who has connected before is still in the queue of the
   * listening socket. A second call has no effect: the path may be the next gateway's by then.
   */
  public void leave() throws IOException {
    if (lock.isEmpty()) {
      return;
    }
    if (!kept) {
      // Before the lock is another's, or it would be that one's socket.
      Files.deleteIfExists(path());
    }
    os.unlock(lock.orElseThrow());
    os.close(lock.getAsInt());
    lock = OptionalInt.empty();
  }

  /** Tells the pid of the gateway that listens there; empty when none does. */
  public OptionalInt server() throws IOException {
    OptionalInt connection = connect();
    if (connection.isEmpty()) {
      return connection;
    }
    try {
      return OptionalInt.of(peer(connection.getAsInt()));
    } finally {
      os.close(connection.getAsInt());
    }
  }

  /** Asks the gateway that listens there how it is; empty when none does. */
  public Optional<GatewayAnswer> ask() throws IOException {
    OptionalInt connection = connect();
    if (connection.isEmpty()) {
      return Optional.empty();
    }
    try {
      int pid = peer(connection.getAsInt());
      return Optional.of(GatewayAnswer.of(os, connection.getAsInt(), pid));
    } finally {
      os.close(connection.getAsInt());
    }
  }

  private OptionalInt connect() throws OsException {
    try {
      return OptionalInt.of(os.connect(OsString.of(path().toString())));
    } catch (OsException e) {
      if (e.errno() == Errno.ENOENT || e.errno() == Errno.ECONNREFUSED) {
        return OptionalInt.empty();
      }
      throw e;
    }
  }

  private int peer(int connection) throws IOException {
    SocketCalls.Peer peer = os.peer(connection);
    if (peer.user() != os.userId()) {
      throw new IOException(
          path()
              + " is a socket of user "
              + peer.user()
              + ", process "
              + peer.pid()
              + "; remove it");
    }
    return peer.pid();
  }
}
