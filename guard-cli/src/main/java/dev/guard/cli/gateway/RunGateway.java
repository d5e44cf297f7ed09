package dev.guard.cli.gateway;

import dev.guard.cgroup.StandingUnits;
import dev.guard.cli.exec.GatewayExec;
import dev.guard.cli.shared.ExitCode;
import dev.guard.cli.shared.Installation;
import dev.guard.cli.shared.Messages;
import dev.guard.cli.shared.Settings;
import dev.guard.command.CallerRunners;
import dev.guard.command.UserStore;
import dev.guard.config.GuardConfig;
import dev.guard.gateway.CallHandler;
import dev.guard.gateway.GatewayLog;
import dev.guard.gateway.GatewayServer;
import dev.guard.gateway.GatewaySocket;
import dev.guard.os.Kernel;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;

/** {@code guard gateway run}. */
@Command(
    name = "run",
    description = "Serves until it is stopped; to be started by a service manager, or with &.",
    mixinStandardHelpOptions = true)
public final class RunGateway implements Callable<Integer> {
  private final Settings settings;
  private final Function<UserStore, CallHandler> answers;
  private final Kernel kernel;

  /**
   * Serves with the settings that are in force where it was called.
   *
   * @param answers makes what answers calls that start no command
   */
  public RunGateway(Settings settings, Function<UserStore, CallHandler> answers) {
    this.answers = answers;
    this.settings = settings;
    this.kernel = settings.kernel();
  }

  @Override
  public Integer call() throws IOException {
    int self = kernel.os().pid();
    Optional<Path> log = GatewayLog.of(kernel.procfs(), self);
    if (log.isPresent()) {
      System.setErr(new PrintStream(GatewayLog.bounded(log.get()), true));
    }
    GatewaySocket socket = GatewaySocket.ofUser(kernel);
    OptionalInt listening = socket.listen();
    if (listening.isEmpty()) {
      Messages.print("a gateway of this user runs already; see guard gateway status");
      return ExitCode.GUARD_ERROR;
    }
    Files.writeString(Path.of("/proc/self/comm"), "guard-gateway");
    UserStore store = CallerRunners.openForCallers();
    StandingUnits units = StandingUnits.of(kernel, Installation.folder().resolve("bin/guard"));
    GatewayServer server =
        new GatewayServer(
            kernel,
            listening.getAsInt(),
            new GatewayCalls(GatewayExec.forAll(kernel, store, units), answers.apply(store)));
    GuardConfig config = settings.orBuiltIn();
    config.idleExit().ifPresent(after -> server.endWhenIdle(after, socket::leave));
    // Of its caller; one of them is the lock that says that a gateway is being started.
    for (int descriptor : settings.invocation().descriptors()) {
      kernel.os().close(descriptor);
    }
    if (log.isPresent()) {
      Messages.print("process " + self + " listens at " + socket.path());
    }
    try (units) {
      server.run();
    }
    return 0;
  }
}
