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
import dev.guard.gateway.ActivatedSocket;
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
  private static final long GOODBYE_MILLIS = 3_000;

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
    Optional<ActivatedSocket> given = ActivatedSocket.given(kernel, System.getenv());
    OptionalInt listening = given.isPresent() ? socket.listen(given.get()) : socket.listen();
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
    Optional<GatewayServer.Farewell> farewell =
        socket.isKept() ? Optional.empty() : Optional.of(socket::leave);
    config.idleExit().ifPresent(after -> server.endWhenIdle(after, farewell));
    // Of its caller; one of them is the lock that says that a gateway is being started.
    for (int descriptor : settings.invocation().descriptors()) {
      if (descriptor != listening.getAsInt()) {
        kernel.os().close(descriptor);
      }
    }
    if (log.isPresent()) {
      Messages.print("process " + self + " listens at " + socket.path());
    }
    endBySignal(server);
    if (server.run()) {
      // First: whoever starts over must not come here again.
      socket.leave();
      server.sayGoodbye();
    } else {
      units.close();
    }
    return 0;
  }

  /** Has HUP, INT and TERM end it in order: the JVM answers them by its shutdown hooks. */
  private static void endBySignal(GatewayServer server) {
    Thread main = Thread.currentThread();
    Thread hook =
        new Thread(
            () -> {
              try {
                server.stop();
                // It ends the JVM before this thread does, which would end it as by the signal.
                main.join(GOODBYE_MILLIS);
              } catch (IOException | InterruptedException e) {
                Messages.print("no goodbye was said: " + Messages.of(e));
              }
            },
            "guard-goodbye");
    Runtime.getRuntime().addShutdownHook(hook);
  }
}
