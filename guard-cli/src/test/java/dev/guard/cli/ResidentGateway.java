package dev.guard.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalLong;

/**
 * A gateway for all calls of guard in this JVM, where the tests are to run a second time by way of
 * one: the same tests have the same expectations, whoever serves the calls.
 */
final class ResidentGateway {
  private static final boolean WANTED = Boolean.getBoolean("guard.with-gateway");
  private static OptionalLong pid = OptionalLong.empty();

  private ResidentGateway() {}

  /** Starts it once, with these variables, if it is wanted. */
  static synchronized void start(Map<String, String> environment) {
    if (!WANTED || pid.isPresent()) {
      return;
    }
    try {
      ProcessBuilder builder = new ProcessBuilder(GuardProcess.GUARD.toString(), "gateway", "run");
      builder.environment().clear();
      builder.environment().putAll(environment);
      Process gateway = builder.inheritIO().start();
      pid = OptionalLong.of(gateway.pid());
      Runtime.getRuntime().addShutdownHook(new Thread(gateway::destroyForcibly));
      Polling.until("the gateway listens", () -> listens(gateway));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean listens(Process gateway) {
    if (!gateway.isAlive()) {
      throw new AssertionError("the gateway has ended");
    }
    try (SocketChannel connection = SocketChannel.open(UnixDomainSocketAddress.of(socket()))) {
      return connection.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  private static Path socket() {
    return Path.of("/run/guard/gateway-1");
  }

  /** Tells whether the tests run by way of a gateway. */
  static boolean isWanted() {
    return WANTED;
  }

  /** Tells whether this process is the gateway of all tests. */
  static synchronized boolean is(long process) {
    return pid.isPresent() && pid.getAsLong() == process;
  }
}
