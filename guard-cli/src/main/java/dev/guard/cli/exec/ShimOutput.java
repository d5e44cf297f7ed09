package dev.guard.cli.exec;

import dev.guard.cli.shared.Output;
import dev.guard.gateway.ShimConnection;
import dev.guard.os.Errno;
import dev.guard.os.OsException;
import java.io.IOException;

/** Prints on the descriptors of a shim. */
public final class ShimOutput {
  private ShimOutput() {}

  /** Makes the output of a call that a shim has made. */
  public static Output of(ShimConnection shim) {
    return new Output(bytes -> print(shim, bytes), line -> say(shim, line), shim::isOpen);
  }

  private static void print(ShimConnection shim, byte[] bytes) throws OsException {
    int errno;
    try {
      errno = shim.print(bytes);
    } catch (IOException e) {
      errno = Errno.EPIPE;
    }
    if (errno != 0) {
      throw new OsException("write descriptor 1", errno, Errno.text(errno));
    }
  }

  private static void say(ShimConnection shim, byte[] line) {
    try {
      shim.say(line);
    } catch (IOException e) {
      // The shim has gone, and with it whoever could be told.
      return;
    }
  }
}
