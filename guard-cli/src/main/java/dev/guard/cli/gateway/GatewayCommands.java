package dev.guard.cli.gateway;

import dev.guard.cli.exec.GatewayExec;
import dev.guard.cli.shared.ExitCode;
import dev.guard.cli.shared.Messages;
import dev.guard.command.CommandRunner;
import dev.guard.command.UserStore;
import dev.guard.gateway.GatewayServer;
import dev.guard.gateway.GatewaySocket;
import dev.guard.os.Kernel;
import dev.guard.os.ProcessId;
import dev.guard.os.Signals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;

/** {@code guard gateway}: runs, shows and ends the process that serves the calls of this user. */
@Command(
    name = "gateway",
    description = "Serves the guard exec of this user without a JVM for each.",
    subcommands = {
      GatewayCommands.RunGateway.class,
      GatewayCommands.GatewayStatus.class,
      GatewayCommands.StopGateway.class
    },
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true)
public final class GatewayCommands {
  /** {@code guard gateway run}. */
  @Command(
      name = "run",
      description = "Serves until it is stopped; to be started by a service manager, or with &.",
      mixinStandardHelpOptions = true)
  public static final class RunGateway implements Callable<Integer> {
    @Override
    public Integer call() throws IOException {
      Kernel kernel = Kernel.system();
      GatewaySocket socket = GatewaySocket.ofUser(kernel);
      OptionalInt listening = socket.listen();
      if (listening.isEmpty()) {
        Messages.print("a gateway of this user runs already; see guard gateway status");
        return ExitCode.GUARD_ERROR;
      }
      nameThisProcess();
      UserStore store = CommandRunner.openForCallers();
      new GatewayServer(kernel, listening.getAsInt(), new GatewayExec(kernel, store)).run();
      return 0;
    }
  }

  /** Takes a name that is not java's: a command that runs killall java must not end its gateway. */
  private static void nameThisProcess() throws IOException {
    Files.writeString(Path.of("/proc/self/comm"), "guard-gateway");
  }

  /** {@code guard gateway status}. */
  @Command(
      name = "status",
      description = "Says whether one runs, and where; the exit status is 1 when none does.",
      mixinStandardHelpOptions = true)
  public static final class GatewayStatus implements Callable<Integer> {
    @Override
    public Integer call() throws IOException {
      GatewaySocket socket = GatewaySocket.ofUser(Kernel.system());
      OptionalInt server = socket.server();
      if (server.isEmpty()) {
        System.out.println("no gateway listens at " + socket.path());
        return 1;
      }
      System.out.println("process " + server.getAsInt() + " listens at " + socket.path());
      return 0;
    }
  }

  /** {@code guard gateway stop}. */
  @Command(
      name = "stop",
      description = "Ends it; commands that run go on, and keep their limits and their timeout.",
      mixinStandardHelpOptions = true)
  public static final class StopGateway implements Callable<Integer> {
    private static final long PATIENCE_NANOS = 5_000_000_000L;
    private static final long LOOK_NANOS = 5_000_000;

    @Override
    public Integer call() throws IOException {
      Kernel kernel = Kernel.system();
      OptionalInt server = GatewaySocket.ofUser(kernel).server();
      if (server.isEmpty()) {
        return 0;
      }
      ProcessId process = ProcessId.of(server.getAsInt(), kernel.procfs());
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
}
