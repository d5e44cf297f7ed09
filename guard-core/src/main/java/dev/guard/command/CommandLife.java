package dev.guard.command;

import dev.guard.Cause;
import dev.guard.LayerName;
import dev.guard.Outcome;
import dev.guard.admission.Admission;
import dev.guard.admission.BudgetStore;
import dev.guard.admission.EndedEarly;
import dev.guard.cgroup.CommandCgroup;
import dev.guard.config.GuardConfig;
import dev.guard.config.GuardConfig.Leftovers;
import dev.guard.launch.Held;
import dev.guard.launch.Launch;
import dev.guard.launch.LeftAtGate;
import dev.guard.launch.Lifeline;
import dev.guard.launch.NotExecutedException;
import dev.guard.launch.Program;
import dev.guard.launch.SpawnLaunch;
import dev.guard.launch.StandardStreams;
import dev.guard.limits.Limiter;
import dev.guard.monitor.CpuTimeUsed;
import dev.guard.monitor.Monitor;
import dev.guard.monitor.Watch;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.OsString;
import dev.guard.os.ProcessId;
import dev.guard.os.Procfs;
import dev.guard.os.Signals;
import dev.guard.os.WaitStatus;
import dev.guard.process.Tree;
import dev.guard.reap.Reaper;
import dev.guard.record.CommandRecord;
import dev.guard.record.Monotonic;
import dev.guard.report.Journal;
import dev.guard.report.Receipt;
import dev.guard.report.Recorder;
import dev.guard.store.CommandId;
import dev.guard.store.CommandLog;
import dev.guard.store.StoreException;
import dev.guard.value.Ending;
import dev.guard.value.Request;
import dev.guard.value.Result.Survivor;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Supplier;

/** The life of one command, stage by stage. It runs once, on a thread of its own. */
public final class CommandLife implements Runnable {
  // How long a command without a timeout may take from release to exec before that counts as a
  // failure.
  private static final Duration EXEC_PATIENCE = Duration.ofDays(1);

  private final Os os;
  private final Procfs procfs;
  private final GuardConfig config;
  private final BudgetStore budgets;
  private final Supplier<String> view;
  private final Limiter limiter;
  private final Lifeline lifeline;
  private final Optional<CommandRunner.Caller> caller;
  private final Journal journal;
  private final Optional<CommandLog> log;
  private final KeptTrees kept;
  private final CommandHandle command;
  private final Request request;
  private final Recorder record;

  private final RecordedStrays strays;
  private BudgetStore.Place place;
  // Why the budgets may not count all commands; a look at the stores of other namespaces.
  private String partial = "";
  private StandardStreams streams;
  private CommandCgroup cgroup;
  private Held held;
  private Tree tree;
  private Watch watch;
  private Optional<CpuTimeUsed> cpuTime = Optional.empty();
  // From its release until it is proved that nothing is left, or what is left is kept.
  private boolean mayLive;
  private boolean placesTold;

  public CommandLife(
      Os os,
      Procfs procfs,
      GuardConfig config,
      BudgetStore budgets,
      Supplier<String> view,
      Limiter limiter,
      Lifeline lifeline,
      Optional<CommandRunner.Caller> caller,
      Journal journal,
      Optional<CommandLog> log,
      KeptTrees kept,
      CommandHandle command) {
    this.kept = kept;
    this.caller = caller;
    this.journal = journal;
    this.log = log;
    this.os = os;
    this.procfs = procfs;
    this.config = config;
    this.budgets = budgets;
    this.view = view;
    this.limiter = limiter;
    this.lifeline = lifeline;
    this.command = command;
    this.request = command.request();
    this.record = new Recorder(command.id(), config, request, command.requested());
    this.record.directory(directory());
    this.strays = new RecordedStrays(command.id(), procfs, lifeline, journal, this.record::note);
  }

  private Optional<OsString> directory() {
    if (request.directory().isPresent()) {
      return request.directory();
    }
    try {
      return Optional.of(os.workingDirectory());
    } catch (OsException e) {
      // It was removed; the command stands in it all the same.
      return Optional.empty();
    }
  }

  /** Whatever fails, and be it the JVM, the tree is ended and the result is there. */
  @Override
  public void run() {
    try {
      try {
        stages();
      } finally {
        cleanUp().forEach(e -> record.failed("cleaning up: " + text(e)));
      }
      finish();
    } catch (Throwable e) {
      command.result().completeExceptionally(e);
    }
  }

  private void stages() {
    try {
      forgetOthers();
      admit();
      begin();
      launch(false);
      limit();
      if (!release()) {
        launch(true);
        limit();
        release();
      }
      Ending event = monitor();
      reap(event);
    } catch (EndedEarly e) {
      record.outcome(e.outcome());
    } catch (NotExecutedException e) {
      record.outcome(new Outcome.NotExecuted(e.exitCode(), List.of(e.getMessage())));
    } catch (InterruptedException e) {
      record.failed("interrupted");
    } catch (Throwable e) {
      // Here alone: an Error, as when no thread can be had, must end the command like any failure.
      record.failed(text(e));
    }
  }

  private void finish() {
    boolean keepsRecord = record.keepsLeftovers() || mayLive;
    try {
      journal.finished(record.result(), hasRun(), keepsRecord).forEach(record::note);
    } catch (RuntimeException | Error e) {
      record.note("record: " + text(e));
    }
    command.result().complete(record.result());
  }

  private void forgetOthers() {
    try {
      kept.tidy(lifeline);
    } catch (IOException e) {
      // They stay for the next time, and are nothing to this command.
      record.note("what is kept of others: " + text(e));
    }
  }

  private static String text(Throwable e) {
    return e.getMessage() == null ? e.toString() : e.getMessage();
  }

  // ---- admission

  private void admit() throws EndedEarly, IOException, NotExecutedException, InterruptedException {
    Program.check(os, request);
    Admission admission = new Admission(budgets, config, outer(), this::stopIfCancelled);
    try {
      BudgetStore.Reservation.Granted granted = admission.place(command.id(), request.queueing());
      place = granted.place();
      partial = view.get();
      registry(granted.problem());
      record.notice(granted.damage());
      record.layer(Receipt.rateLimit(config, admission.start(command.id()), partial));
      command.waitedForStart(admission.waitedForStart());
    } finally {
      record.waited(admission.waited());
    }
  }

  /**
   * The command that this one is a part of. Without cgroups only the environment says so; if that
   * is wrong, the budget has no such command.
   */
  private String outer() {
    return limiter.outer().orElseGet(() -> CommandId.inherited().map(id -> "?" + id).orElse(""));
  }

  private void registry(String problem) {
    record.layer(Receipt.registry(config, limiter.outer(), problem, partial));
  }

  /** Others can know of it from now on. */
  private void begin() throws IOException {
    CommandRecord first =
        new CommandRecord(
            command.id(),
            request.name(),
            config.budget(),
            request.argv(),
            record.directory(),
            log.isPresent(),
            limiter.outer().or(CommandId::inherited),
            command.requested(),
            ProcessId.of(os.pid(), procfs),
            Optional.empty(),
            ProcessId.of(lifeline.pid(), procfs),
            Optional.empty(),
            Optional.of(config.killAfter()),
            record.layers(),
            Optional.empty());
    unrecorded(journal.begin(first.with(Monotonic.requestedAt(command.requestedNanos()))));
  }

  /** Without a record a command is counted, but nobody finds it. */
  private void unrecorded(String problem) {
    if (!problem.isEmpty()) {
      record.note("record: " + problem);
      Receipt.unrecorded(config, problem).ifPresent(record::layer);
    }
  }

  private void stopIfCancelled(Duration within) throws EndedEarly, InterruptedException {
    if (command.cancelledWithin(within)) {
      throw new EndedEarly(new Outcome.CancelledUnrun(command.cancelSignal()));
    }
  }

  // ---- launch

  private void launch(boolean asScript) throws IOException, NotExecutedException {
    if (streams == null) {
      if (log.isPresent()) {
        log.get().begin(command.id());
      }
      streams = StandardStreams.open(os, request, log);
    }
    Launch launch = new SpawnLaunch(os, procfs, lifeline, runtimeDirectory());
    held = launch.hold(command.id(), request, streams, asScript, this::keepAtGate);
  }

  static Optional<String> runtimeDirectory() {
    return Optional.ofNullable(System.getenv("XDG_RUNTIME_DIR"));
  }

  private void keepAtGate(LeftAtGate left) {
    kept.add(command.id(), left, place, journal);
    place = null;
    mayLive = true;
  }

  // ---- limits

  private void limit() throws EndedEarly, IOException, InterruptedException {
    if (cgroup == null) {
      // Told first: Guard may be killed between any two steps, and no cgroup may stay.
      for (Path place : limiter.places(command.id())) {
        lifeline.cgroup(command.id(), place);
      }
      placesTold = true;
      cgroup = limiter.create(command.id());
      cgroup.holdKill(os);
    }
    // Before anything of the command runs: who is there now was there before it.
    tree().adopted();
    limiter.apply(held.pid(), cgroup, config).forEach(record::layer);
    record.layer(
        request.foreground()
            ? Receipt.foreground()
            : Receipt.processGroup(held.pid(), os.processGroup(held.pid())));
    record.layer(Receipt.timeout(config));
    record.layer(Receipt.lifeline(lifeline.pid(), lifeline.problem(procfs)));
    List<String> missing = record.missing(config.require());
    if (!missing.isEmpty()) {
      throw new EndedEarly(new Outcome.Failed(Cause.REFUSED_CONTAINMENT, missing));
    }
    try {
      place.countBy(tree().member());
    } catch (StoreException e) {
      registry(e.getMessage());
    }
    Optional<Instant> deadline = config.timeout().map(t -> Instant.now().plus(t));
    OptionalLong due =
        config.timeout().isEmpty()
            ? OptionalLong.empty()
            : OptionalLong.of(System.nanoTime() + config.timeout().get().toNanos());
    unrecorded(
        journal.update(
            r -> r.held(tree().member(), deadline, record.layers()).with(r.monotonic().due(due))));
  }

  /** One for each held process: it remembers whom it has seen. */
  private Tree tree() {
    if (tree == null || !tree.main().equals(held.main().id())) {
      Optional<Tree.Adopter> adopter =
          caller.map(c -> new Tree.Adopter(os.pid(), 0, lifeline.pid()));
      tree = new Tree(procfs, cgroup, held.main().id(), command.id(), adopter);
    }
    return tree;
  }

  // ---- release

  /**
   * False when the kernel does not know the file's format, so that it is the shell's to run, as for
   * execvp(3).
   */
  private boolean release()
      throws EndedEarly, IOException, NotExecutedException, InterruptedException {
    try {
      request.beforeRelease().held(held.pid());
    } catch (Exception e) {
      throw new IOException("the last step before release failed: " + e.getMessage(), e);
    }
    if (!command.runsAs(held.main())) {
      throw new EndedEarly(new Outcome.CancelledUnrun(command.cancelSignal()));
    }
    watch = newWatch();
    watch.start();
    record.released();
    mayLive = true;
    boolean executed;
    try {
      executed = held.release(config.timeout().orElse(EXEC_PATIENCE), command.whenCancelled());
    } catch (NotExecutedException e) {
      mayLive = false;
      watch.stop();
      command.ended();
      if (!e.isShellScript() || held.asScript()) {
        throw e;
      }
      Held notExecuted = held;
      held = null;
      notExecuted.close();
      return false;
    }
    streams.start(command.id());
    if (!executed) {
      return true;
    }
    if (log.isPresent()) {
      // Told too while it runs; what can not be told then is in the report.
      log.get().tellLost(journal::outputLost);
      letOutlive();
    }
    command.hasRun(record.layers());
    return true;
  }

  private boolean hasRun() {
    return command.released().isDone();
  }

  /** From now on it is not ended when Guard dies. */
  private void letOutlive() throws IOException {
    double uptime = Double.parseDouble(procfs.systemText("uptime").split(" ", 2)[0]);
    long deadline =
        config.timeout().map(t -> (long) Math.ceil(uptime + t.toMillis() / 1000.0)).orElse(0L);
    lifeline.detached(
        command.id(), log.get().file(), deadline, config.leftovers() == Leftovers.KEEP);
    mark(Optional.of(ProcessId.of(lifeline.pid(), procfs)));
  }

  /** For guards that do not see its record. */
  private void mark(Optional<ProcessId> until) {
    try {
      cgroup.cared(until, procfs);
    } catch (IOException e) {
      // E.g. cgroup.max.descendants. The record says the same to all others.
      record.note("mark on its cgroup: " + text(e));
    }
  }

  // ---- monitor

  private Ending monitor() throws IOException {
    OptionalLong deadline =
        config.timeout().map(t -> OptionalLong.of(record.deadline(t))).orElse(OptionalLong.empty());
    Ending result = new Monitor(os).await(held.main(), deadline, command.cancelDescriptor(), watch);
    record.ended();
    record.strays(watch.strays());
    record.layer(Receipt.lifeline(lifeline.pid(), lifeline.problem(procfs)));
    return result;
  }

  private Watch newWatch() throws IOException {
    // Whoever is limited by the kernel needs no counting.
    boolean limited = record.isActive(LayerName.PIDS) || config.pidsMax().isEmpty();
    OptionalInt mostTasks = limited ? OptionalInt.empty() : OptionalInt.of(config.pidsMax().get());
    boolean bringBack = config.drift() == GuardConfig.Drift.RETURN;
    cpuTime = config.cpuTime().map(most -> new CpuTimeUsed(procfs, cgroup, most));
    return new Watch(
        os,
        procfs,
        cgroup,
        held.main().id(),
        tree().adopted(),
        strays,
        mostTasks,
        cpuTime,
        bringBack,
        command::wake);
  }

  // ---- reap

  private void reap(Ending event) throws IOException {
    record.refusals(cgroup);
    if (event.reason() == Ending.Reason.ENDED) {
      tree().mainWaitedFor();
      leftovers();
    } else {
      end(event.reason());
    }
    command.ended();
    lifeline.groupEnded(command.id());
    WaitStatus status = held.main().status();
    record.usage(held.main(), cgroup, procfs);
    boolean usedUp = status != null && cpuTime.filter(c -> c.hasEnded(status)).isPresent();
    record.outcome(usedUp ? new Ending(Ending.Reason.OUT_OF_CPU_TIME, status) : event, status);
    record.output(streams.finish());
    log.ifPresent(l -> record.lostByLog(l.lost(), l.problem()));
    streams.problems().forEach(record::note);
  }

  private void end(Ending.Reason event) {
    switch (event) {
      case DEADLINE, OUT_OF_CPU_TIME -> end(request.timeoutSignal(), config.killAfter());
      case CANCELLED -> end(Signals.TERM, command.isKilled() ? Duration.ZERO : config.killAfter());
        // What the limits have stopped gets no grace: it would go on meanwhile.
      default -> end(Signals.TERM, Duration.ZERO);
    }
  }

  /** Ends the tree; who could not be ended, or could not be proved to have been, may live. */
  private List<Survivor> end(int signal, Duration grace) {
    List<Survivor> survivors = new Reaper(os).end(tree(), signal, grace, held.main()).survivors();
    mayLive = !survivors.isEmpty();
    record.survivors(survivors);
    return survivors;
  }

  private void leftovers() throws IOException {
    if (tree().isEmpty()) {
      mayLive = false;
      return;
    }
    if (config.leftovers() == Leftovers.KILL || callerHasGone()) {
      List<Recorder.Leftover> left = named(tree().members());
      Set<Integer> survivors = new HashSet<>();
      end(Signals.TERM, config.killAfter()).forEach(s -> survivors.add(s.pid()));
      left.removeIf(p -> survivors.contains(p.pid()));
      record.leftoversKilled(left);
      return;
    }
    record.leftoversKept(tree().members().size());
    mayLive = false;
  }

  /** Names processes, but for those that have ended meanwhile by themselves. */
  private List<Recorder.Leftover> named(Set<Integer> pids) throws IOException {
    List<Recorder.Leftover> named = new ArrayList<>();
    for (int pid : pids) {
      procfs.stat(pid).ifPresent(s -> named.add(new Recorder.Leftover(pid, s.command())));
    }
    return named;
  }

  private boolean callerHasGone() {
    boolean withParent = config.leftovers() == Leftovers.WITH_PARENT;
    return withParent && caller.isPresent() && caller.get().process().pid() != os.parentPid();
  }

  // ---- always

  /** Whatever happened, nothing of this command stays but what the policy keeps. */
  private List<Throwable> cleanUp() {
    List<Throwable> failures = new ArrayList<>();
    attempt(failures, this::stopWatch);
    attempt(failures, this::endWhateverRuns);
    attempt(failures, this::removeCgroup);
    attempt(failures, () -> close(held));
    attempt(failures, this::releaseKill);
    attempt(failures, () -> close(streams));
    attempt(failures, this::closeLog);
    attempt(failures, command::close);
    attempt(failures, this::giveBack);
    record.reaped();
    return failures;
  }

  private void stopWatch() {
    if (watch != null) {
      watch.stop();
    }
  }

  private void releaseKill() throws IOException {
    if (cgroup != null) {
      cgroup.releaseKill(os);
    }
  }

  private void giveBack() {
    if (place != null && (record.keepsLeftovers() || mayLive)) {
      place.giveBackWhenEmpty();
    } else if (place != null) {
      place.giveBack();
    }
  }

  private void endWhateverRuns() throws IOException {
    if (mayLive) {
      // A stage failed after release: its error must not leave the tree alive.
      if (held != null && !record.hasSurvivors()) {
        end(Signals.TERM, Duration.ZERO);
      }
    } else if (held != null) {
      mayLive = true;
      held.abandon();
      mayLive = false;
    }
  }

  private void removeCgroup() throws IOException {
    if (mayLive) {
      // The lifeline has not been told done, and ends it with this Guard at the latest.
      if (held != null) {
        kept.add(command.id(), tree(), held.main(), journal);
      }
      return;
    }
    if (record.keepsLeftovers()) {
      handOver();
      return;
    }
    // Also what was made before a failure.
    List<Path> busy = placesTold ? limiter.at(command.id()).remove() : List.of();
    lifeline.done(command.id());
    if (!busy.isEmpty()) {
      throw new IOException("cgroup " + busy.get(0) + " can not be removed, it stays busy");
    }
  }

  /** What is left alive is the lifeline's from now on, also when this process has gone. */
  private void handOver() throws IOException {
    if (!cgroup.exists()) {
      strays.left(tree().identities());
    }
    Optional<ProcessId> until = Optional.empty();
    if (config.leftovers() == Leftovers.KEEP) {
      lifeline.untilEmpty(command.id());
    } else if (caller.isPresent()) {
      until = Optional.of(caller.get().process());
      lifeline.untilParentEnds(command.id(), caller.get().process());
    } else {
      // This process is the caller, and the lifeline ends them with it.
      until = Optional.of(ProcessId.of(os.pid(), procfs));
    }
    mark(until);
    record.note(journal.left(new CommandRecord.Left(until)));
    kept.add(command.id(), tree(), held.main(), journal);
  }

  private void closeLog() throws IOException {
    if (log.isPresent() && hasRun()) {
      log.get().close();
    } else if (log.isPresent()) {
      log.get().discard();
    }
  }

  private static void close(AutoCloseable closeable) throws IOException {
    if (closeable != null) {
      try {
        closeable.close();
      } catch (IOException e) {
        throw e;
      } catch (Exception e) {
        throw new IOException(e);
      }
    }
  }

  private interface Step {
    void run() throws IOException;
  }

  private static void attempt(List<Throwable> failures, Step step) {
    try {
      step.run();
    } catch (IOException | RuntimeException | Error e) {
      failures.add(e);
    }
  }
}
