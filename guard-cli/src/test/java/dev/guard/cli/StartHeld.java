package dev.guard.cli;

import dev.guard.gateway.GatewaySocket;
import dev.guard.gateway.StartMark;
import dev.guard.os.Kernel;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Keeps calls of guard from starting a gateway beside them as long as this JVM lives, also those
 * whose environment a test clears: it would outlive the tests, and serve the next ones.
 */
final class StartHeld {
  private StartHeld() {}

  /** Shares the lock that whoever starts a gateway needs alone. */
  static void hold() {
    try {
      Kernel kernel = Kernel.system();
      GatewaySocket socket = GatewaySocket.ofUser(kernel);
      int mark = new StartMark(kernel.os(), socket.directory()).open();
      if (!kernel.os().lockShared(mark)) {
        throw new IllegalStateException("a gateway is being started in " + socket.directory());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
