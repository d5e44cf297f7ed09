package dev.guard.command;

import dev.guard.LayerName;
import dev.guard.Leftovers;
import dev.guard.Outcome;
import dev.guard.admission.NotRunException;
import dev.guard.config.GuardConfig;
import dev.guard.launch.NotExecutedException;
import dev.guard.launch.StandardStreams;
import dev.guard.monitor.CpuTimeUsed;
import dev.guard.monitor.Watch;
import dev.guard.os.ProcessId;
import dev.guard.store.CommandLog;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/** This stage lets a held and confined process exec, with a watch on its tree. */
final class CommandRelease {
  // How long a command without a timeout may take from release to exec before that counts as a
  // failure.
  private static final Duration EXEC_PATIENCE = Duration.ofDays(1);

  private final CommandContext context;

  CommandRelease(CommandContext context) {
    this.context = context;
  }

  /**
   * Holds the parts of a command that may run.
   *
   * @param tree the command's processes
   * @param watch looks at all the command's processes from time to time
   * @param cpuTime tells whether they have used up their processor time, where that is limited
   */
  record Released(CommandTree tree, Watch watch, Optional<CpuTimeUsed> cpuTime) {}

  /**
   * Releases the process.
   *
   * @return empty when the kernel does not know the file's format, so that it is the shell's to
   *     run, as for execvp(3)
   */
  Optional<Released> release(CommandTree tree, StandardStreams streams, CommandCleanup cleanup)
      throws NotRunException, IOException, NotExecutedException, InterruptedException {
    CommandHandle handle = context.handle();
    takeLastStep(tree.held().pid());
    if (!handle.runsAs(tree.main())) {
      throw new NotRunException(new Outcome.CancelledUnrun(handle.cancelSignal()));
    }
    Optional<CpuTimeUsed> cpuTime = cpuTimeOf(tree);
    Watch watch = cleanup.watch(watchOf(tree, cpuTime));
    watch.start();
    boolean executed;
    try {
      executed = execute(tree);
    } catch (NotExecutedException e) {
      tree.notExecuted();
      watch.stop();
      handle.groupEnded();
      if (!e.isShellScript() || tree.held().asScript()) {
        throw e;
      }
      cleanup.closeUnexecuted();
      return Optional.empty();
    }
    streams.start(context.id());
    if (executed) {
      hasExecuted(tree);
    }
    return Optional.of(new Released(tree, watch, cpuTime));
  }

  /** Goes on with a command that runs, and has lost whoever watched it. */
  Released resume(CommandTree tree, StandardStreams streams, CommandCleanup cleanup)
      throws IOException {
    context.handle().runsAs(tree.main());
    Optional<CpuTimeUsed> cpuTime = cpuTimeOf(tree);
    Watch watch = cleanup.watch(watchOf(tree, cpuTime));
    watch.start();
    streams.start(context.id());
    context.log().ifPresent(log -> log.tellLost(context.journal()::outputLost));
    context.handle().hasRun(context.recorder().layers());
    return new Released(tree, watch, cpuTime);
  }

  private void takeLastStep(int pid) throws IOException {
    try {
      context.request().beforeRelease().held(pid);
    } catch (Exception e) {
      throw new IOException("the last step before release failed: " + e.getMessage(), e);
    }
  }

  /** Opens the gate; whatever fails after that, the tree may live. */
  private boolean execute(CommandTree tree) throws IOException, NotExecutedException {
    context.recorder().released();
    tree.released();
    Duration patience = context.config().timeout().orElse(EXEC_PATIENCE);
    return tree.held().release(patience, context.handle().whenCancelled());
  }

  private Optional<CpuTimeUsed> cpuTimeOf(CommandTree tree) {
    Optional<Duration> most = context.config().cpuTime();
    return most.isPresent()
        ? Optional.of(new CpuTimeUsed(context.procfs(), tree.cgroup(), most.get()))
        : Optional.empty();
  }

  private Watch watchOf(CommandTree tree, Optional<CpuTimeUsed> cpuTime) throws IOException {
    GuardConfig config = context.config();
    // A command whose tasks the kernel limits needs no counting.
    boolean limited = context.recorder().isActive(LayerName.PIDS) || config.pidsMax().isEmpty();
    OptionalInt mostTasks = limited ? OptionalInt.empty() : OptionalInt.of(config.pidsMax().get());
    return new Watch(
        context.os(),
        context.procfs(),
        tree.cgroup(),
        tree.main().id(),
        tree.tree().adopted(),
        context.strays(),
        mostTasks,
        cpuTime,
        config.memoryOom() == GuardConfig.MemoryOom.GROUP,
        config.drift() == GuardConfig.Drift.RETURN,
        context.handle().alarm()::ring);
  }

  private void hasExecuted(CommandTree tree) throws IOException {
    if (context.log().isPresent()) {
      CommandLog log = context.log().get();
      // The loss is told while the command runs; a loss that can not be told then is in the report.
      log.tellLost(context.journal()::outputLost);
      letOutlive(tree, log);
    }
    context.handle().hasRun(context.recorder().layers());
  }

  /** Tells the lifeline not to end a detached command when Guard dies. */
  private void letOutlive(CommandTree tree, CommandLog log) throws IOException {
    double uptime = Double.parseDouble(context.procfs().systemText("uptime").split(" ", 2)[0]);
    long deadline =
        context
            .config()
            .timeout()
            .map(t -> (long) Math.ceil(uptime + t.toMillis() / 1000.0))
            .orElse(0L);
    boolean keeps = context.config().leftovers() == Leftovers.KEEP;
    context.lifeline().detached(context.id(), log.file(), deadline, keeps);
    tree.mark(Optional.of(ProcessId.of(context.lifeline().pid(), context.procfs())));
  }
}
