package dev.guard.command;

import dev.guard.Leftovers;
import dev.guard.admission.BudgetStore;
import dev.guard.config.GuardConfig;
import dev.guard.launch.Held;
import dev.guard.launch.HeldLaunch;
import dev.guard.launch.Launch;
import dev.guard.launch.ShellLifeline;
import dev.guard.launch.SpawnLaunch;
import dev.guard.limits.Limiter;
import dev.guard.monitor.Alarm;
import dev.guard.os.Kernel;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.Procfs;
import dev.guard.os.SignalCalls;
import dev.guard.os.Signals;
import dev.guard.process.TaskThreads;
import dev.guard.record.CommandRecord;
import dev.guard.report.Journal;
import dev.guard.store.CommandId;
import dev.guard.store.CommandLog;
import dev.guard.value.Request;
import dev.guard.value.Result;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;

/**
 * A runner runs commands inside limits. One runner serves many threads and many commands at once,
 * which share budgets.
 *
 * <pre>{@code
 * try (CommandRunner runner = CommandRunner.with(GuardConfig.defaults())) {
 *   Result result = runner.run(Request.of("make", "-j4").capturing(1 << 20));
 *   System.out.println(result.exitCode() + " " + result.output().text());
 * }
 * }</pre>
 */
public final class CommandRunner implements AutoCloseable {
  private final GuardConfig config;
  private final UserStore store;
  private final Limiter limiter;
  private final RunnerContext context;
  // A process that serves many callers shows itself once, for all of them.
  private final boolean attends;
  private final boolean couldBeServed;
  private final Optional<Closeable> room;
  private OptionalInt presence = OptionalInt.empty();

  /**
   * Starts the lifeline of all the runner's commands.
   *
   * @param budgets the budgets where the commands are counted, if not in those of the store
   * @param log the log of the runner's only command, if that is detached
   */
  CommandRunner(
      UserStore store,
      GuardConfig config,
      BudgetStore budgets,
      Caller caller,
      Optional<CommandLog> log)
      throws IOException {
    Kernel kernel = store.kernel();
    EndingClasses.load(kernel.procfs());
    waitsForChildren(kernel.os(), kernel.procfs());
    this.store = store;
    this.config = config;
    this.attends = true;
    this.room = Optional.empty();
    Limiter planned =
        Limiter.on(
            kernel.os(),
            kernel.procfs(),
            caller.situation(kernel),
            config,
            newScope(kernel.os()),
            caller.hasGuardForItself());
    this.couldBeServed = couldBeServed(planned);
    LifelineStart started = LifelineStart.of(kernel.os(), planned, log);
    this.limiter = started.limiter();
    this.context =
        new RunnerContext(
            kernel,
            caller,
            budgets,
            budgets == store.budgets() ? store::uncounted : () -> "",
            launch(kernel, caller, started.lifeline()),
            started.lifeline(),
            log,
            new KeptTrees());
  }

  /** Makes what starts commands; where that fails, the lifeline ends, which nobody else knows. */
  private static Launch launch(Kernel kernel, Caller caller, ShellLifeline lifeline)
      throws IOException {
    try {
      SpawnLaunch spawn =
          new SpawnLaunch(
              kernel.os(), kernel.procfs(), lifeline, caller.variable("XDG_RUNTIME_DIR"));
      return HeldLaunch.orElse(spawn, kernel.os(), kernel.procfs(), lifeline);
    } catch (IOException | RuntimeException | Error e) {
      lifeline.close();
      throw e;
    }
  }

  /**
   * Makes a runner whose lifeline is there, and which shows nobody that it is; see {@link
   * CallerRunners}.
   *
   * @param room gives back what is kept for the command's cgroup, if anything is
   */
  CommandRunner(
      UserStore store,
      GuardConfig config,
      Limiter limiter,
      RunnerContext context,
      Optional<Closeable> room,
      boolean couldBeServed) {
    this.store = store;
    this.config = config;
    this.limiter = limiter;
    this.context = context;
    this.attends = false;
    this.couldBeServed = couldBeServed;
    this.room = room;
  }

  /**
   * Undoes an inherited ignorance of SIGCHLD: with that the kernel waits for children by itself,
   * and nobody knows how they have ended, see wait(2). Java's own ProcessBuilder does the same.
   */
  static void waitsForChildren(Os os, Procfs procfs) throws IOException {
    if ((procfs.ignoredSignals() >> (Signals.CHLD - 1) & 1) != 0) {
      os.setSignal(Signals.CHLD, SignalCalls.Disposition.DEFAULT);
    }
  }

  /**
   * Makes a runner with these settings and the budgets that all guards of this user share.
   *
   * @throws IOException when this machine can not be looked at, or the lifeline can not be started
   */
  public static CommandRunner with(GuardConfig config) throws IOException {
    return with(config, UserStore.open().budgets());
  }

  /** Makes a runner with these settings that counts in another store of budgets. */
  public static CommandRunner with(GuardConfig config, BudgetStore budgets) throws IOException {
    UserStore store = UserStore.open();
    Kernel kernel = store.kernel();
    Caller caller = Caller.ofProgram(kernel);
    // The launcher of guard exec has asked this by itself, without a JVM.
    kernel.procfs().requireView(caller.guard().pid());
    return new CommandRunner(store, config, budgets, caller, Optional.empty());
  }

  static String newScope(Os os) throws OsException {
    return "guard-" + CommandId.fresh(os) + ".scope";
  }

  /** Where a scope helps, a standing unit does, too. */
  static boolean couldBeServed(Limiter limiter) {
    return limiter.scope().isPresent() || !limiter.places("").isEmpty();
  }

  /**
   * Tells whether a process which serves many callers could run the commands of this one, as far as
   * that can be seen without asking a service manager, see {@link CallerRunners}.
   */
  public boolean couldBeServed() {
    return couldBeServed;
  }

  /** Forgets processes that were left and have ended; answers whether some are left yet. */
  public boolean keepsLeftovers() throws IOException {
    context.kept().tidy(context.lifeline());
    return !context.kept().isEmpty();
  }

  /**
   * Tells whether this process alone can end what a command has left with its caller, since there
   * is no cgroup by which another one would find that.
   */
  public boolean mustEndLeftovers() {
    return !couldBeServed && config.leftovers() == Leftovers.WITH_PARENT;
  }

  /** Answers the file that the output of a detached command goes to, once that runs. */
  public Optional<Path> logFile() {
    return context.log().map(CommandLog::file);
  }

  /** Answers the runner's settings. */
  public GuardConfig config() {
    return config;
  }

  /**
   * Starts a command and returns at once; its whole life runs on a thread of its own.
   *
   * @throws OsException when not even a pipe can be opened
   */
  public CommandHandle start(Request request) throws OsException {
    return start(request, config, limiter, CommandRunner::onThreadOfItsOwn);
  }

  /**
   * Prepares a command whose life this executor runs, on a thread that may wait as long as the
   * command lasts.
   *
   * @throws OsException when not even a pipe can be opened
   */
  public CommandHandle start(Request request, Executor thread) throws OsException {
    return start(request, config, limiter, thread);
  }

  /**
   * Starts a command that has settings of its own.
   *
   * @throws OsException when not even a pipe can be opened
   */
  public CommandHandle start(Request request, GuardConfig own) throws OsException {
    return start(request, own, limiter.with(own), CommandRunner::onThreadOfItsOwn);
  }

  /**
   * Prepares the rest of the life of a command that runs, and whose gateway has gone; see {@link
   * #start(Request, Executor)}.
   *
   * @param held its main process, which stays the caller's to close where this fails
   * @throws IOException when it can not be taken over; nothing is done to it then
   */
  public CommandHandle resume(Request request, CommandRecord record, Held held, Executor thread)
      throws IOException {
    Alarm alarm = Alarm.byCall(context.os());
    long nanos = record.monotonic().requested().orElseGet(System::nanoTime);
    CommandHandle command =
        new CommandHandle(record.id(), request, alarm, record.requested(), nanos);
    Journal journal = new Journal(store::records, store.history(), store::recover);
    CommandContext rest = CommandContext.of(context, config, limiter, command, journal);
    if (record.inReserve()) {
      rest.lowerToReserve();
    }
    CommandLife life = new CommandLife(rest, Optional.of(new CommandLife.Begun(record, held)));
    life.takeOver();
    thread.execute(life);
    return command;
  }

  private static void onThreadOfItsOwn(Runnable life) {
    TaskThreads.OF_THIS_PROCESS.run("guard-command", life);
  }

  private CommandHandle start(Request request, GuardConfig own, Limiter limits, Executor thread)
      throws OsException {
    Os os = context.os();
    String id = CommandId.fresh(os);
    // A launch that tells ends needs no descriptor for a thread that polls.
    Alarm alarm = context.launch().tellsEnds() ? Alarm.byCall(os) : Alarm.byDescriptor(os);
    CommandHandle command = new CommandHandle(id, request, alarm);
    try {
      attend();
      Journal journal = new Journal(store::records, store.history(), store::recover);
      CommandLife life = new CommandLife(CommandContext.of(context, own, limits, command, journal));
      thread.execute(life);
      return command;
    } catch (RuntimeException | Error e) {
      // This happens e.g. when no thread can be had: nothing has been done for the command.
      command.close();
      throw e;
    }
  }

  /** Runs a command and waits for its result. */
  public Result run(Request request) throws IOException {
    try {
      return start(request).result().join();
    } catch (CompletionException e) {
      throw new IOException("guard failed: " + e.getCause(), e.getCause());
    }
  }

  /**
   * Ends the lifeline. Commands that still run are ended by the lifeline, as if this process had
   * died, so wait for their results first.
   */
  @Override
  public void close() throws IOException {
    try {
      context.lifeline().close();
      context.launch().close();
      context.kept().tidy(context.lifeline());
      context.budgets().catchUp();
    } finally {
      giveBack();
      leave();
    }
  }

  private void giveBack() throws IOException {
    if (room.isPresent()) {
      room.get().close();
    }
  }

  /** Shows other guards that one lives here; before its first command nothing of it is there. */
  private synchronized void attend() {
    if (attends && presence.isEmpty()) {
      presence = store.attend();
    }
  }

  private synchronized void leave() throws OsException {
    if (presence.isPresent()) {
      int descriptor = presence.getAsInt();
      presence = OptionalInt.empty();
      context.os().close(descriptor);
    }
  }
}
