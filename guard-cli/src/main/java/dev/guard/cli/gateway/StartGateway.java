package dev.guard.cli.gateway;

import dev.guard.cli.shared.ExitCode;
import dev.guard.cli.shared.Installation;
import dev.guard.cli.shared.Messages;
import dev.guard.gateway.GatewaySocket;
import dev.guard.gateway.GatewayStarter;
import dev.guard.os.Kernel;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code guard gateway start}. */
@Command(
    name = "start",
    description = "Starts it in a place of its own, and returns when it answers.",
    mixinStandardHelpOptions = true)
public final class StartGateway implements Callable<Integer> {
  @Override
  public Integer call() throws IOException {
    Kernel kernel = Kernel.system();
    GatewaySocket socket = GatewaySocket.ofUser(kernel);
    boolean answers = socket.ask().filter(a -> a.told().isPresent()).isPresent();
    if (answers) {
      return 0;
    }
    try {
      GatewayStarter.of(kernel, socket, Installation.folder(), System.getenv()).start();
      return 0;
    } catch (IOException e) {
      Messages.print("the gateway was not started: " + Messages.of(e));
      return ExitCode.GUARD_ERROR;
    }
  }
}
