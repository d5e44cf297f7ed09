package dev.guard.cli;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/** A gateway in a mount namespace of its own, with a store that no other guard has. */
final class OwnGateway implements AutoCloseable {
  private final OwnStore store;
  private final Running process;

  private OwnGateway(OwnStore store, Running process) {
    this.store = store;
    this.process = process;
  }

  /** Starts one, and waits until it listens. */
  static OwnGateway on(OwnStore store) {
    Running process = store.on(GuardProcess.of("gateway", "run")).start();
    OwnGateway gateway = new OwnGateway(store, process);
    Polling.until("the gateway listens", gateway::listens);
    return gateway;
  }

  /** Starts another one where this process is, which has lost the one before. */
  static OwnGateway beside(OwnStore store, long process) {
    GuardProcess guard = GuardProcess.of("gateway", "run");
    guard.through("nsenter", "-t", Long.toString(process), "-m");
    OwnGateway gateway = new OwnGateway(store, store.withItsVariables(guard).start());
    Polling.until("the gateway listens", gateway::listens);
    return gateway;
  }

  private boolean listens() {
    if (!process.isAlive()) {
      throw new AssertionError("the gateway has ended: " + process.await().errors());
    }
    // The file alone may be that of a gateway that was killed.
    try (SocketChannel connection = SocketChannel.open(UnixDomainSocketAddress.of(socket()))) {
      return connection.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  Path socket() {
    return store.directory().resolve("run/guard/gateway-1");
  }

  long pid() {
    return process.pid();
  }

  /** Calls guard where it finds this gateway. */
  GuardProcess serving(GuardProcess guard) {
    String script = "cd \"$0\" && exec \"$@\"";
    guard.through(
        "nsenter",
        "-t",
        Long.toString(pid()),
        "-m",
        "sh",
        "-c",
        script,
        store.directory().resolve("work").toString());
    return store.withItsVariables(guard).without("GUARD_GATEWAY").with("GUARD_MAX_PROCESSES", "32");
  }

  /** Sends it a signal. */
  void signal(String name) {
    process.signal(name);
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Ends it by SIGKILL. */
  void kill() {
    process.signal("KILL");
    process.await();
  }

  @Override
  public void close() {
    if (process.isAlive()) {
      kill();
    }
  }
}
