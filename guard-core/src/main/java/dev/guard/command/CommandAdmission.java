package dev.guard.command;

import dev.guard.Outcome;
import dev.guard.admission.Admission;
import dev.guard.admission.BudgetStore.Place;
import dev.guard.admission.BudgetStore.Reservation.Granted;
import dev.guard.admission.NotRunException;
import dev.guard.launch.NotExecutedException;
import dev.guard.os.ProcessId;
import dev.guard.record.CommandRecord;
import dev.guard.record.Monotonic;
import dev.guard.report.Receipt;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** This stage gives a command its place and its start, and makes it known to others. */
final class CommandAdmission {
  private final CommandContext context;

  CommandAdmission(CommandContext context) {
    this.context = context;
  }

  /**
   * Holds the place of a command that may start.
   *
   * @param place the place in which the command is counted
   * @param uncounted why the budgets may not count all commands there are; empty: they do
   */
  record Admitted(Place place, String uncounted) {}

  /** Waits until the command may start. */
  Admitted admit(CommandCleanup cleanup)
      throws NotRunException, IOException, NotExecutedException, InterruptedException {
    context.launch().check(context.request());
    Admission admission =
        new Admission(context.runner().budgets(), context.config(), outer(), this::stopIfCancelled);
    try {
      Granted granted = admission.place(context.id(), context.request().queueing());
      Place place = cleanup.place(granted.place());
      granted.reserve().ifPresent(full -> lowerToReserve(admission.inReserve(full)));
      String uncounted = context.runner().uncounted().get();
      context.registry(granted.problem(), uncounted);
      context.recorder().notice(granted.damage());
      String problem = admission.start(context.id());
      context.recorder().layer(Receipt.rateLimit(context.config(), problem, uncounted));
      context.handle().waitedForStart(admission.waitedForStart());
      return new Admitted(place, uncounted);
    } finally {
      context.recorder().waited(admission.waited());
    }
  }

  private void lowerToReserve(String why) {
    context.lowerToReserve();
    context.recorder().done(why);
  }

  /**
   * Answers the id of the command that this one is a part of. Without cgroups only the environment
   * says so; if that is wrong, the budget has no such command.
   */
  private String outer() {
    return context
        .limiter()
        .outer()
        .orElseGet(() -> context.caller().inheritedCommand().map(id -> "?" + id).orElse(""));
  }

  private void stopIfCancelled(Duration within) throws NotRunException, InterruptedException {
    if (context.handle().cancelledWithin(within)) {
      throw new NotRunException(new Outcome.CancelledUnrun(context.handle().cancelSignal()));
    }
  }

  /** Writes the command's first record, by which others know of it from now on. */
  void makeKnown() throws IOException {
    CommandHandle handle = context.handle();
    CommandRecord first =
        new CommandRecord(
            handle.id(),
            handle.request().name(),
            context.config().budget(),
            handle.request().argv(),
            context.recorder().directory(),
            context.log().isPresent(),
            context.limiter().outer().or(context.caller()::inheritedCommand),
            handle.requested(),
            context.caller().guard(),
            Optional.empty(),
            ProcessId.of(context.lifeline().pid(), context.procfs()),
            Optional.empty(),
            Optional.of(context.config().killAfter()),
            context.recorder().layers(),
            Optional.empty());
    context.unrecorded(
        context
            .journal()
            .begin(
                first
                    .with(Monotonic.requestedAt(handle.requestedNanos()))
                    .begun(context.settings().inReserve(), context.recorder().labels())));
  }
}
