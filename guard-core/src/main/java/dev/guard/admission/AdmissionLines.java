package dev.guard.admission;

import dev.guard.Cause;
import dev.guard.Outcome;
import dev.guard.admission.BudgetStore.Holder;
import dev.guard.admission.BudgetStore.Reservation.Full;
import dev.guard.config.GuardConfig;
import dev.guard.config.Setting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Says why a command was not admitted as it had asked, and what to do about that. */
final class AdmissionLines {
  private final GuardConfig config;

  AdmissionLines(GuardConfig config) {
    this.config = config;
  }

  /** Refuses a command for which there is no room, and names who has it. */
  Outcome refused(Full full) {
    List<String> lines = new ArrayList<>();
    lines.add("Process limit reached (" + count(full) + ")");
    lines.add(remedy(config.sources().toRaise(limit(full))));
    if (!full.holders().isEmpty()) {
      lines.add(held(full.holders()) + inUse(full));
    }
    return new Outcome.Refused(Cause.REFUSED_PROCESSES, lines);
  }

  /** Says that a command has the reserve, since there was no room, and who has it. */
  String inReserve(Full full) {
    String holders = full.holders().isEmpty() ? "" : ". " + held(full.holders());
    return "Process limit reached ("
        + count(full)
        + "): this command has the reserve of its budget, "
        + GuardConfig.RESERVE_TASKS
        + " tasks, "
        + (GuardConfig.RESERVE_MEMORY >> 20)
        + "M of memory and "
        + GuardConfig.RESERVE_TIMEOUT.toSeconds()
        + " s"
        + holders;
  }

  /** Refuses a command that has waited for a place as long as it wanted to. */
  Outcome noRoomWithin(Duration time, int position) {
    String own = config.sources().toRaise(Setting.MAX_PROCESSES);
    String ofUser = config.sources().toRaise(Setting.USER_MAX_PROCESSES);
    return new Outcome.Refused(
        Cause.REFUSED_PROCESSES,
        List.of(
            "Process limit: no place in budget "
                + config.budget()
                + " within "
                + time.toMillis() / 1000.0
                + " s, number "
                + position
                + " in the queue",
            remedy(config.userMaxProcesses().isPresent() ? own + ", " + ofUser + "," : own)));
  }

  /** Refuses a command that would wait for its start for longer than it may run. */
  Outcome tooFast(int rate, Duration timeout) {
    return new Outcome.Refused(
        Cause.REFUSED_RATE,
        List.of(
            "Rate limit: no start within " + timeout.toSeconds() + " s (" + rate + " per second)",
            "Try again later or raise " + config.sources().toRaise(Setting.RATE_LIMIT) + "."));
  }

  private static Setting limit(Full full) {
    return full.ofUser() ? Setting.USER_MAX_PROCESSES : Setting.MAX_PROCESSES;
  }

  private static String count(Full full) {
    return full.active()
        + "/"
        + full.max()
        + " active processes"
        + (full.ofUser() ? " of all budgets" : "")
        + (full.waiting() == 0 ? "" : ", " + full.waiting() + " waiting");
  }

  private static String remedy(String limits) {
    return "Cannot start a new process. Increase " + limits + " or wait for processes to complete.";
  }

  private static String held(List<Holder> holders) {
    String largest = holders.get(0).command();
    String all =
        holders.stream()
            .map(h -> h.command() + " (" + h.processes() + ")")
            .collect(Collectors.joining(", "));
    return "The most processes have: " + all + "; end one by: guard stop " + largest;
  }

  private static String inUse(Full full) {
    return full.inReserve().map(id -> "; the reserve is taken by command " + id).orElse("");
  }
}
