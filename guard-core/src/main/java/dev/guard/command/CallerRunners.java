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
import java.io.Closeable;
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
    boolean isAlone = units.isEmpty();
    Limiter beside =
        Limiter.on(
            kernel.os(),
            kernel.procfs(),
            isAlone ? caller.situationBesideGuard(kernel) : caller.situation(kernel),
            config,
            // A standing unit is there in the place of a scope.
            isAlone ? CommandRunner.newScope(kernel.os()) : "",
            true);
    if (!isAlone && beside.places("").isEmpty()) {
      throw new NotServedException("there is no cgroup for it");
    }
    Room room = room(kernel, beside, units);
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
    return new CommandRunner(
        store, config, room.limiter(), context, room.keeper(), CommandRunner.couldBeServed(beside));
  }

  /**
   * Where a command's cgroup is made.
   *
   * @param keeper gives back what is kept for that; empty: nothing is
   */
  private record Room(Limiter limiter, Optional<Closeable> keeper) {}

  private static Room room(Kernel kernel, Limiter beside, Optional<StandingUnits> units)
      throws IOException, NotServedException {
    if (beside.scope().isEmpty()) {
      return new Room(beside, Optional.empty());
    }
    if (units.isPresent()) {
      UnitPlace place = take(units.get(), beside.situation());
      return new Room(beside.inUnit(place), Optional.of(place));
    }
    // This one is told of no command, and keeps the scope as long as this process lives.
    LifelineStart inScope = LifelineStart.of(kernel.os(), beside, Optional.empty());
    return new Room(inScope.limiter(), Optional.of(inScope.lifeline()));
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
