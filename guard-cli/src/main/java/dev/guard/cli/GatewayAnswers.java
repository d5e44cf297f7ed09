package dev.guard.cli;

import dev.guard.cli.exec.ShimOutput;
import dev.guard.cli.shared.Asker;
import dev.guard.cli.shared.Invocation;
import dev.guard.cli.shared.Output;
import dev.guard.cli.shared.RelativePaths;
import dev.guard.cli.shared.Settings;
import dev.guard.command.UserStore;
import dev.guard.config.ConfigException;
import dev.guard.config.GuardConfig;
import dev.guard.gateway.CallHandler;
import dev.guard.gateway.Hello;
import dev.guard.gateway.ShimConnection;
import dev.guard.os.Kernel;
import dev.guard.os.OsString;
import dev.guard.value.Environment;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.TimeZone;
import java.util.concurrent.Semaphore;

/**
 * Answers, in a gateway, the calls of shims that look at commands or end them: what {@link
 * CommandLineTools} prints for this process it prints for another one.
 */
final class GatewayAnswers implements CallHandler {
  private static final List<String> PATHS = List.of("HOME", "XDG_CONFIG_HOME", "GUARD_CONFIG");

  /** Each has a thread while it waits for a command, or for a reader of its output. */
  private static final int MOST = 64;

  private static final byte[] NOTHING = {};

  private final UserStore store;
  private final Semaphore places = new Semaphore(MOST);

  /** Answers whoever has this store, too. */
  GatewayAnswers(UserStore store) {
    this.store = store;
  }

  @Override
  public void serve(ShimConnection shim, Hello hello) throws IOException {
    Optional<String> obstacle = obstacle(hello);
    if (obstacle.isPresent()) {
      shim.decline(obstacle.get());
    } else if (!places.tryAcquire()) {
      shim.decline("it answers others");
    } else {
      try {
        answer(shim, hello);
      } finally {
        places.release();
      }
    }
  }

  private Optional<String> obstacle(Hello hello) {
    List<OsString> words = hello.arguments();
    if (!hello.isWhole()
        || words.size() < 2
        || !CommandLineTools.OF_COMMANDS.containsKey(words.get(1).toString())) {
      return Optional.of("another call, or its arguments are long");
    }
    // The page depends on the terminal's width and colours.
    if (words.contains(OsString.of("--help")) || words.contains(OsString.of("-h"))) {
      return Optional.of("an option of this call");
    }
    Environment environment = new Environment(hello.variables());
    if (!store.isOf(hello.variablesByName())) {
      return Optional.of("it keeps what its guards share at another place");
    }
    return PATHS.stream().map(environment::get).anyMatch(RelativePaths::is)
        ? Optional.of("a relative path")
        : Optional.empty();
  }

  private void answer(ShimConnection shim, Hello hello) throws IOException {
    List<OsString> words = hello.arguments().subList(1, hello.argumentCount());
    Environment environment = new Environment(hello.variables());
    Optional<ZoneId> zone = zone(environment);
    if (zone.isEmpty()) {
      shim.decline("its time zone");
      return;
    }
    Output output = ShimOutput.of(shim);
    Settings settings =
        new Settings(
            Kernel.system(),
            new Invocation(words, environment, List.of(), hello.ignoredSignals()),
            new Asker(shim.process().pid(), hello.directory(), zone.get(), output));
    if (isOff(settings)) {
      shim.decline("gateway.mode is off");
      return;
    }
    Output.End end = output.end(CommandLineTools.execute(settings), hello.ignoredSignals());
    shim.result(end.status(), end.signal(), false, false, NOTHING, NOTHING);
  }

  /** Answers the zone that the C library would take; empty: Java does not know it. */
  private static Optional<ZoneId> zone(Environment environment) {
    Optional<OsString> named = environment.get("TZ");
    if (named.isEmpty()) {
      // The one of the machine may have changed since the gateway has started.
      TimeZone.setDefault(null);
      return Optional.of(ZoneId.systemDefault());
    }
    String name = named.get().toString();
    try {
      return Optional.of(ZoneId.of(name.startsWith(":") ? name.substring(1) : name));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private static boolean isOff(Settings settings) {
    try {
      return settings.load().config().gateway() == GuardConfig.Gateway.OFF;
    } catch (ConfigException e) {
      // What ends or lists commands works with any settings.
      return false;
    }
  }
}
