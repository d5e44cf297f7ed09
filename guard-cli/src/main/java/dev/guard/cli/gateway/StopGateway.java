package dev.guard.cli.gateway;

import dev.guard.cli.shared.ExitCode;
import dev.guard.cli.shared.Messages;
import dev.guard.gateway.GatewaySocket;
import dev.guard.gateway.GatewayUnits;
import dev.guard.gateway.StartMark;
import dev.guard.os.Kernel;
import dev.guard.os.ProcessId;
import dev.guard.os.Signals;
import java.io.IOException;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;

/** {@code guard gateway stop}. */
@Command(
    name = "stop",
    description = "Ends it; commands that run go on, and keep their limits and their timeout.",
    mixinStandardHelpOptions = true)
public final class StopGateway implements Callable<Integer> {
  private static final long PATIENCE_NANOS = 5_000_000_000L;
  private static final long LOOK_NANOS = 5_000_000;

  private final Kernel kernel = Kernel.system();

  @Override
  public Integer call() throws IOException {
    GatewaySocket socket = GatewaySocket.ofUser(kernel);
    GatewayUnits units = GatewayUnits.of(kernel, System.getProperty("user.home"));
    if (units.areInstalled()) {
      // The socket, too: a shim that looks for the next gateway would start it again.
      units.stop();
    }
    StartMark mark = new StartMark(kernel.os(), socket.directory());
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    OptionalInt server = socket.server();
    while (server.isEmpty() && mark.isTaken()) {
      if (System.nanoTime() > deadline) {
        Messages.print("a gateway is being started, and does not listen yet; try again");
        return ExitCode.GUARD_ERROR;
      }
      LockSupport.parkNanos(LOOK_NANOS);
      server = socket.server();
    }
    // It listens before it lets go of the mark.
    server = server.isEmpty() ? socket.server() : server;
    return server.isEmpty() ? 0 : end(server.getAsInt());
  }

  private int end(int pid) throws IOException {
    ProcessId process = ProcessId.of(pid, kernel.procfs());
    process.signal(kernel.os(), kernel.procfs(), Signals.TERM);
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (process.lives(kernel.procfs())) {
      if (System.nanoTime() > deadline) {
        Messages.print(
            "the gateway, process " + process.pid() + ", does not end; end it by kill -9");
        return ExitCode.GUARD_ERROR;
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
    return 0;
  }
}
