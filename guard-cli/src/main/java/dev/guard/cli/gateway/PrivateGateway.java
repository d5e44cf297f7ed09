package dev.guard.cli.gateway;

import dev.guard.cli.exec.GatewayExec;
import dev.guard.cli.shared.ExitCode;
import dev.guard.cli.shared.Messages;
import dev.guard.command.CallerRunners;
import dev.guard.gateway.CallHandler;
import dev.guard.gateway.Hello;
import dev.guard.gateway.PrivateServer;
import dev.guard.gateway.ShimConnection;
import dev.guard.os.Kernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Serves {@code guard gateway private}, which a shim calls for itself where no gateway serves its
 * command; see private.c.
 *
 * @param exec serves the command
 */
public record PrivateGateway(GatewayExec exec) implements CallHandler {
  // As in private.c.
  private static final int FROM_SHIM = 3;
  private static final int TO_SHIM = 4;

  /** Serves the process that has started this one. */
  public static int run(Kernel kernel) throws IOException {
    // A killall that means programs in Java is not to end a guard.
    Files.writeString(Path.of("/proc/self/comm"), "guard-private");
    GatewayExec exec = GatewayExec.forOne(kernel, CallerRunners.openForCallers());
    PrivateServer.run(kernel, FROM_SHIM, TO_SHIM, new PrivateGateway(exec));
    return 0;
  }

  /** Serves it; nobody else could do what fails here. */
  @Override
  public void serve(ShimConnection shim, Hello hello) throws IOException {
    try {
      exec.serve(shim, hello);
    } catch (IOException | RuntimeException | Error e) {
      shim.unavailable(ExitCode.GUARD_ERROR, Messages.bytes(Messages.of(e)));
    }
  }

  @Override
  public void look() {
    exec.look();
  }

  @Override
  public int live() {
    return exec.live();
  }
}
