package dev.guard.gateway;

import dev.guard.Leftovers;
import dev.guard.cgroup.StandingUnits;
import dev.guard.command.Caller;
import dev.guard.command.CommandRunner;
import dev.guard.command.NotServedException;
import dev.guard.command.UserStore;
import dev.guard.config.GuardConfig;
import dev.guard.os.Kernel;
import dev.guard.os.OsString;
import dev.guard.os.ProcessId;
import dev.guard.os.Procfs;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/** Makes the Guard of one command of a shim. */
public final class ShimRunner {
  private ShimRunner() {}

  /**
   * Makes it.
   *
   * @param command the index of the program in the arguments of the shim
   * @param units have room where there is none beside the shim
   * @throws NotServedException when this process can not run it
   */
  public static CommandRunner of(
      Kernel kernel,
      UserStore store,
      ShimConnection shim,
      Hello hello,
      GuardConfig config,
      int command,
      StandingUnits units)
      throws IOException, NotServedException {
    Map<String, String> variables = variables(hello);
    if (!store.isOf(variables)) {
      throw new NotServedException("it keeps what its guards share at another place");
    }
    if (config.leftovers() != Leftovers.KILL) {
      throw new NotServedException("leftovers may stay");
    }
    Procfs.Stat guard =
        kernel
            .procfs()
            .stat(shim.process().pid())
            .orElseThrow(() -> new IOException("the shim has gone"));
    Caller caller =
        new Caller(
            ProcessId.of(guard.parent(), kernel.procfs()),
            shim.process(),
            kernel.os().userId(),
            hello.directory(),
            variables);
    return CommandRunner.forCaller(
        store,
        config,
        caller,
        new ShimLaunch(kernel.os(), kernel.procfs(), shim, command, config),
        new ShimLifeline(kernel.os().pid()),
        units);
  }

  private static Map<String, String> variables(Hello hello) {
    Map<String, String> variables = new HashMap<>();
    for (OsString variable : hello.variables()) {
      String text = variable.toString();
      int equals = text.indexOf('=');
      if (equals > 0) {
        variables.put(text.substring(0, equals), text.substring(equals + 1));
      }
    }
    return variables;
  }
}
