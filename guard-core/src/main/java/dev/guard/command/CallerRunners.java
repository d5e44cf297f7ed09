package dev.guard.command;

import dev.guard.cgroup.CgroupSituation;
import dev.guard.cgroup.StandingUnits;
import dev.guard.cgroup.UnitPlace;
import dev.guard.config.GuardConfig;
import dev.guard.launch.Launch;
import dev.guard.launch.Lifeline;
import dev.guard.limits.Limiter;
import dev.guard.os.Kernel;
import dev.guard.os.ProcessId;
import dev.guard.record.CommandRecord;
import dev.guard.store.CommandLog;
import java.io.IOException;
import java.util.Optional;

/** Makes runners in a process that serves many callers, and what such a process needs. */
public final class CallerRunners {
  private CallerRunners() {}

  /**
   * Makes a Guard in a process that serves many callers, for one command whose process is a child
   * of the caller's own guard.
   *
   * @param launch makes that process
   * @param lifeline ends the tree when this process dies
   * @param log the log of the command, if that is detached
   * @param units have room where there is none beside the caller's guard; empty: this process
   *     serves this command alone
   * @throws NotServedException when this process can not run it
   */
  public static CommandRunner forCaller(
      UserStore store,
      GuardConfig config,
      Caller caller,
      Launch launch,
      Lifeline lifeline,
      Optional<StandingUnits> units,
      Optional<CommandLog> log)
      throws IOException, NotServedException {
    Kernel kernel = store.kernel();
    Limiter beside =
        Limiter.on(
            kernel.os(),
            kernel.procfs(),
            units.isPresent() ? caller.situation(kernel) : caller.situationBesideGuard(kernel),
            config,
            // There is none: a standing unit is there in the place of a scope.
            "",
            true);
    boolean hasPlace = !beside.places("").isEmpty();
    if (!hasPlace && units.isPresent()) {
      throw new NotServedException("there is no cgroup for it");
    }
    if (beside.scope().isPresent() && units.isEmpty()) {
      throw new NotServedException("a service manager makes a scope for it");
    }
    Optional<UnitPlace> place =
        beside.scope().isPresent()
            ? Optional.of(take(units.orElseThrow(), beside.situation()))
            : Optional.empty();
    Limiter limiter = place.map(beside::inUnit).orElse(beside);
    RunnerContext context =
        new RunnerContext(
            kernel,
            caller,
            store.budgets(),
            store::uncounted,
            launch,
            lifeline,
            log,
            new KeptTrees());
    return new CommandRunner(store, config, limiter, context, place, hasPlace);
  }

  private static UnitPlace take(StandingUnits units, CgroupSituation situation)
      throws NotServedException {
    try {
      return units.place(situation);
    } catch (IOException e) {
      throw new NotServedException("its limits need a service manager: " + e.getMessage());
    }
  }

  /** Prepares this process for the commands of {@link #forCaller}. */
  public static UserStore openForCallers() throws IOException {
    UserStore store = UserStore.open();
    EndingClasses.load(store.kernel().procfs());
    CommandRunner.waitsForChildren(store.kernel().os(), store.kernel().procfs());
    // Until this process ends.
    store.attend();
    return store;
  }

  /** Finds the command of a guard, if that lives. */
  public static Optional<CommandRecord> recordOf(UserStore store, ProcessId guard)
      throws IOException {
    return store.records().of(guard);
  }
}
