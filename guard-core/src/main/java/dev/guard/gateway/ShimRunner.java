package dev.guard.gateway;

import dev.guard.cgroup.StandingUnits;
import dev.guard.command.Caller;
import dev.guard.command.CallerRunners;
import dev.guard.command.CommandRunner;
import dev.guard.command.NotServedException;
import dev.guard.command.OutlivingScope;
import dev.guard.command.UserStore;
import dev.guard.config.GuardConfig;
import dev.guard.launch.Held;
import dev.guard.os.Kernel;
import dev.guard.os.OsString;
import dev.guard.os.ProcessId;
import dev.guard.os.Procfs;
import dev.guard.record.CommandRecord;
import dev.guard.store.CommandLog;
import dev.guard.value.Request;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Makes the Guard of one command of a shim. */
public final class ShimRunner {
  private ShimRunner() {}

  /**
   * Makes it.
   *
   * @param command the index of the program in the arguments of the shim
   * @param units have room where there is none beside the shim; empty: this process serves the shim
   *     alone
   * @param notices takes a line for the caller
   * @throws NotServedException when this process can not run it
   */
  public static CommandRunner of(
      Kernel kernel,
      UserStore store,
      ShimConnection shim,
      Hello hello,
      GuardConfig config,
      int command,
      Optional<StandingUnits> units,
      Consumer<String> notices)
      throws IOException, NotServedException {
    Map<String, String> variables = hello.variablesByName();
    if (units.isPresent() && !store.isOf(variables)) {
      throw new NotServedException("it keeps what its guards share at another place");
    }
    boolean detached = hello.hasDetached();
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
    if (detached && !hello.hasCommand()) {
      // Before it is looked where the caller is.
      OutlivingScope.enter(kernel, caller, guardsOf(kernel, shim, units.isEmpty()))
          .ifPresent(notices);
    }
    Optional<CommandLog> log =
        detached ? Optional.of(log(kernel, store, shim, hello)) : Optional.empty();
    return CallerRunners.forCaller(
        store,
        config,
        caller,
        new ShimLaunch(kernel.os(), kernel.procfs(), shim, command, detached),
        new ShimLifeline(kernel.os().pid(), units.isEmpty()),
        units,
        log);
  }

  /**
   * Finds the command of a shim whose gateway has gone: its record names this very process.
   *
   * @throws NotServedException when there is none that could be taken over
   */
  public static CommandRecord commandOf(UserStore store, ShimConnection shim, GuardConfig config)
      throws IOException, NotServedException {
    CommandRecord record =
        CallerRunners.recordOf(store, shim.process())
            .orElseThrow(() -> new NotServedException("there is no record of its command"));
    boolean timed = record.monotonic().deadline().isPresent();
    if (record.member().isEmpty()
        || record.left().isPresent()
        || timed != (record.inReserve() || config.timeout().isPresent())) {
      throw new NotServedException("its record is not one of a command that runs as it says");
    }
    return record;
  }

  /** Takes the main process of such a command, which must be a child of the shim. */
  public static Held mainOf(
      Kernel kernel, ShimConnection shim, CommandRecord record, Request request)
      throws IOException {
    ProcessId main = record.member().orElseThrow().mainId();
    boolean isChild =
        kernel
            .procfs()
            .stat(main.pid())
            .filter(s -> s.id().equals(main) && s.parent() == shim.process().pid())
            .isPresent();
    if (!isChild) {
      throw new IOException("process " + main.pid() + " is no child of its guard");
    }
    ShimChild child =
        new ShimChild(
            kernel.os(),
            kernel.procfs(),
            shim.process(),
            main,
            !request.foreground(),
            record.detached());
    try {
      shim.child(child);
    } catch (IOException | RuntimeException | Error e) {
      child.close();
      throw e;
    }
    return ShimHeld.released(kernel.procfs(), shim, child, request);
  }

  private static List<Integer> guardsOf(Kernel kernel, ShimConnection shim, boolean isAlone) {
    int guard = shim.process().pid();
    return isAlone ? List.of(guard, kernel.os().pid()) : List.of(guard);
  }

  /** Makes the log of a detached command, whose output is in a pipe of its shim. */
  private static CommandLog log(Kernel kernel, UserStore store, ShimConnection shim, Hello hello)
      throws IOException {
    int pid = shim.process().pid();
    String pipe = "fd/" + hello.log();
    if (!kernel.procfs().link(pid, pipe).filter(l -> l.startsWith("pipe:")).isPresent()) {
      // Anything else could wait, or become the terminal of this process.
      throw new IOException("the log of process " + pid + " is no pipe");
    }
    OsString end = OsString.of("/proc/" + pid + "/" + pipe);
    return CommandLog.reading(kernel.os(), store.state().make("logs"), end);
  }
}
