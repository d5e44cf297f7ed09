package dev.guard.command;

import dev.guard.admission.BudgetStore;
import dev.guard.config.GuardConfig;
import dev.guard.launch.Lifeline;
import dev.guard.limits.Limiter;
import dev.guard.os.Errno;
import dev.guard.os.Kernel;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.OsString;
import dev.guard.os.ProcessId;
import dev.guard.os.Procfs;
import dev.guard.os.Signals;
import dev.guard.report.Journal;
import dev.guard.store.CommandLog;
import dev.guard.systemd.Scope;
import dev.guard.systemd.ScopePlan;
import dev.guard.value.Request;
import dev.guard.value.Result;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletionException;

/**
 * Runs commands inside limits. One Guard serves many threads and many commands at once; commands of
 * one Guard share budgets.
 *
 * <pre>{@code
 * try (Guard guard = Guard.with(GuardConfig.defaults())) {
 *   Result result = guard.run(Request.of("make", "-j4").capturing(1 << 20));
 *   System.out.println(result.exitCode() + " " + result.output().text());
 * }
 * }</pre>
 */
public final class CommandRunner implements AutoCloseable {
  private static final OsString URANDOM = OsString.of("/dev/urandom");

  private final Os os;
  private final Procfs procfs;
  private final GuardConfig config;
  private final BudgetStore budgets;
  private final Limiter limiter;
  private final Lifeline lifeline;
  private final Optional<Caller> caller;
  private final UserStore store;
  private final KeptTrees kept = new KeptTrees();
  private final Optional<CommandLog> log;
  private OptionalInt presence = OptionalInt.empty();

  CommandRunner(
      Kernel kernel,
      GuardConfig config,
      UserStore store,
      BudgetStore budgets,
      Optional<Caller> caller,
      Optional<CommandLog> log)
      throws IOException {
    this.os = kernel.os();
    this.procfs = kernel.procfs();
    EndingClasses.load(procfs);
    waitsForChildren();
    this.store = store;
    this.log = log;
    this.caller = caller;
    this.config = config;
    this.budgets = budgets;
    Limiter planned =
        Limiter.on(
            os,
            procfs,
            kernel.cgroupfs(),
            config,
            "guard-" + newId(os) + ".scope",
            caller.isPresent());
    Hosted hosted = planned.scope().isPresent() ? inScope(planned) : here(planned);
    this.limiter = hosted.limiter;
    this.lifeline = hosted.lifeline;
  }

  /**
   * Where SIGCHLD is ignored, as it may be inherited, the kernel waits for children by itself, and
   * nobody knows how they have ended, see wait(2). Java's own ProcessBuilder does the same.
   */
  private void waitsForChildren() throws IOException {
    if ((procfs.ignoredSignals() >> (Signals.CHLD - 1) & 1) != 0) {
      os.setSignal(Signals.CHLD, Os.Disposition.DEFAULT);
    }
  }

  private record Hosted(Limiter limiter, Lifeline lifeline) {}

  private Hosted here(Limiter limiter) throws IOException {
    return new Hosted(limiter, Lifeline.start(os, log));
  }

  /** Where commands get no limits beside Guard they get them beside its lifeline, in a scope. */
  private Hosted inScope(Limiter planned) throws IOException {
    Scope scope = planned.scope().get();
    Lifeline started;
    try {
      started = Lifeline.start(os, scope.words(), scope.entries(), log);
    } catch (Lifeline.NoAnswerException e) {
      return here(planned.withLostScope(e.getMessage() + scope.giveUp(os)));
    } catch (IOException e) {
      return here(planned.withoutScope(e.getMessage()));
    }
    try {
      return new Hosted(planned.inScopeOf(started.pid()), started);
    } catch (IOException e) {
      started.close();
      return here(planned.withLostScope(e.getMessage()));
    }
  }

  /**
   * A Guard with these settings and the budgets that all guards of this user share.
   *
   * @throws IOException when this machine can not be looked at, or the lifeline can not be started
   */
  public static CommandRunner with(GuardConfig config) throws IOException {
    return with(config, UserStore.open().budgets());
  }

  /** A Guard with these settings that counts in another store of budgets. */
  public static CommandRunner with(GuardConfig config, BudgetStore budgets) throws IOException {
    Kernel kernel = Kernel.system();
    // The launcher of guard exec has asked this by itself, without a JVM.
    kernel.procfs().requireView(kernel.os().pid());
    return new CommandRunner(
        kernel, config, UserStore.open(), budgets, Optional.empty(), Optional.empty());
  }

  /**
   * A Guard for a process that does nothing but run one command for the process that started it, as
   * guard exec does: it becomes a child subreaper, so that orphans of the command come to it, and
   * leftovers that may live with the caller live as long as its parent does.
   */
  public static CommandRunner forParent(GuardConfig config) throws IOException {
    return forCaller(Kernel.system(), config, Optional.empty());
  }

  /**
   * The same for a command that is to outlive its caller, and this process too: it goes on inside
   * its limits when Guard dies, with its timeout and its log; see {@link
   * dev.guard.value.CommandOutput.Log}.
   */
  public static CommandRunner forDetached(GuardConfig config) throws IOException {
    Kernel kernel = Kernel.system();
    Path logs = UserStore.open().state().make("logs");
    return forCaller(kernel, config, Optional.of(new CommandLog(kernel.os(), logs)));
  }

  /**
   * How to start the process that {@link #forDetached} is called in so that it outlives the service
   * or session of this one: the words and the environment before its own, or why there is no way.
   */
  public static ScopePlan outliving() throws IOException {
    Kernel kernel = Kernel.system();
    return Limiter.outliving(
        kernel.os(), kernel.procfs(), kernel.cgroupfs(), "guard-" + newId(kernel.os()) + ".scope");
  }

  private static CommandRunner forCaller(
      Kernel kernel, GuardConfig config, Optional<CommandLog> log) throws IOException {
    kernel.os().becomeSubreaper();
    Caller caller = new Caller(ProcessId.of(kernel.os().parentPid(), kernel.procfs()));
    UserStore store = UserStore.open();
    return new CommandRunner(kernel, config, store, store.budgets(), Optional.of(caller), log);
  }

  /** The process on whose behalf commands run. */
  public record Caller(ProcessId process) {}

  /** The settings. */
  public GuardConfig config() {
    return config;
  }

  /**
   * Starts a command and returns at once; its whole life runs on a thread of its own.
   *
   * @throws OsException when not even a pipe can be opened
   */
  public CommandHandle start(Request request) throws OsException {
    return start(request, config, limiter);
  }

  /**
   * Starts a command that has settings of its own.
   *
   * @throws OsException when not even a pipe can be opened
   */
  public CommandHandle start(Request request, GuardConfig own) throws OsException {
    return start(request, own, limiter.with(own));
  }

  private CommandHandle start(Request request, GuardConfig own, Limiter limits) throws OsException {
    CommandHandle command = new CommandHandle(os, newId(os), request);
    try {
      attend();
      Journal journal = new Journal(store::records, store.history(), store::recover);
      CommandLife life =
          new CommandLife(
              os,
              procfs,
              own,
              budgets,
              budgets == store.budgets() ? store::view : () -> "",
              limits,
              lifeline,
              caller,
              journal,
              log,
              kept,
              command);
      Thread thread = new Thread(life, "guard-" + command.id());
      thread.setDaemon(true);
      thread.start();
      return command;
    } catch (RuntimeException | Error e) {
      // E.g. no thread can be had: nothing has been done for the command.
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

  /** From the kernel itself: to start SecureRandom costs 10 ms. */
  private static String newId(Os os) throws OsException {
    int urandom = os.open(URANDOM, Os.Open.READ, 0);
    try {
      byte[] bytes = new byte[8];
      if (os.read(urandom, bytes) != bytes.length) {
        // Zeros would be the id of a second command, too.
        throw new OsException("read " + URANDOM, Errno.EAGAIN, "nothing is there now");
      }
      return HexFormat.of().formatHex(bytes);
    } finally {
      os.close(urandom);
    }
  }

  /**
   * Ends the lifeline. Commands that still run are ended by it, as if this process had died, so
   * wait for their results first.
   */
  @Override
  public void close() throws IOException {
    try {
      lifeline.close();
      kept.tidy(lifeline);
      budgets.catchUp();
    } finally {
      leave();
    }
  }

  /** Before its first command nothing of it is in the store. */
  private synchronized void attend() {
    if (presence.isEmpty()) {
      presence = store.attend();
    }
  }

  private synchronized void leave() throws OsException {
    if (presence.isPresent()) {
      int descriptor = presence.getAsInt();
      presence = OptionalInt.empty();
      os.close(descriptor);
    }
  }
}
