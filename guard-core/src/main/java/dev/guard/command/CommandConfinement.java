package dev.guard.command;

import dev.guard.Cause;
import dev.guard.Outcome;
import dev.guard.admission.NotRunException;
import dev.guard.cgroup.CommandCgroup;
import dev.guard.cgroup.NotMovedException;
import dev.guard.command.CommandAdmission.Admitted;
import dev.guard.config.GuardConfig;
import dev.guard.launch.Held;
import dev.guard.limits.OomScore;
import dev.guard.process.Member;
import dev.guard.report.Receipt;
import dev.guard.report.Recorder;
import dev.guard.store.StoreException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * This stage puts every limit on a held process, and refuses the command where a required one is
 * missing.
 */
final class CommandConfinement {
  private final CommandContext context;

  CommandConfinement(CommandContext context) {
    this.context = context;
  }

  /**
   * Makes the command's cgroup and opens the means to kill it. Opened later, they might find no
   * descriptor.
   */
  CommandCgroup makeCgroup(CommandCleanup cleanup) throws IOException {
    // The lifeline is told first: Guard may be killed between any two steps, and no cgroup may
    // stay.
    for (Path place : context.limiter().places(context.id())) {
      context.lifeline().cgroup(context.id(), place);
    }
    cleanup.cgroupIsMade();
    CommandCgroup cgroup = cleanup.cgroup(context.limiter().create(context.id()));
    cgroup.killer().hold(context.os());
    return cgroup;
  }

  /** Puts the limits on a held process, and tells where the process is. */
  CommandTree confine(Admitted admitted, Held held, CommandCgroup cgroup, CommandCleanup cleanup)
      throws NotRunException, IOException {
    CommandTree command = cleanup.tree(new CommandTree(context, held, cgroup));
    // The look comes before anything of the command runs: a process that is there now was there
    // before it.
    command.tree().adopted();
    try {
      writeReceipt(held.pid(), cgroup);
      offerToOomKiller(held.pid());
    } catch (NotMovedException e) {
      held.notPlaced(e.getMessage());
      throw e;
    }
    Member member = command.tree().member();
    try {
      admitted.place().countBy(member);
    } catch (StoreException e) {
      context.registry(e.getMessage(), admitted.uncounted());
    }
    makeFound(member);
    return command;
  }

  /**
   * Offers the command to the kernel, where memory is used up, before the program that starts
   * commands: a coding agent, or whatever runs in a session.
   */
  private void offerToOomKiller(int pid) {
    boolean ofAnother =
        context.limiter().outer().isPresent() || context.config().sources().isOfAgent();
    if (!ofAnother) {
      return;
    }
    try {
      OomScore.raise(context.os(), context.procfs(), pid);
    } catch (IOException e) {
      // A limit it is not, so the command runs all the same.
      context.recorder().note("oom_score_adj is as before: " + e.getMessage());
    }
  }

  private void writeReceipt(int pid, CommandCgroup cgroup) throws NotRunException, IOException {
    GuardConfig config = context.config();
    Recorder recorder = context.recorder();
    context.limiter().apply(pid, cgroup, config).forEach(recorder::layer);
    recorder.layer(
        context.request().foreground()
            ? Receipt.foreground()
            : Receipt.processGroup(pid, context.os().processGroup(pid)));
    recorder.layer(Receipt.timeout(config));
    recorder.layer(
        Receipt.lifeline(context.lifeline().named(), context.lifeline().problem(context.procfs())));
    List<String> missing = recorder.missing(config.require());
    if (!missing.isEmpty()) {
      throw new NotRunException(new Outcome.Failed(Cause.REFUSED_CONTAINMENT, missing));
    }
  }

  /** Writes into the command's record where its processes are, and when its time is over. */
  private void makeFound(Member member) throws IOException {
    Optional<Instant> deadline = context.config().timeout().map(t -> Instant.now().plus(t));
    OptionalLong due =
        context.config().timeout().isEmpty()
            ? OptionalLong.empty()
            : OptionalLong.of(System.nanoTime() + context.config().timeout().get().toNanos());
    context.unrecorded(
        context
            .journal()
            .update(
                r ->
                    r.held(member, deadline, context.recorder().layers())
                        .with(r.monotonic().due(due))));
  }
}
