package dev.guard.admission;

import dev.guard.admission.BudgetStore.Reservation;
import dev.guard.config.GuardConfig;
import dev.guard.value.Queueing;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** Asks the budget, sleeps as it says, and asks again. This class decides nothing itself. */
public final class Admission {
  private static final Duration NEXT_ASKS_AFTER = Duration.ofMillis(20);
  private static final Duration ALL_ASK_AFTER = Duration.ofMillis(500);

  private final BudgetStore budgets;
  private final GuardConfig config;
  private final String outer;
  private final Pause pause;
  private final AdmissionLines lines;
  private Duration waited = Duration.ZERO;
  private Duration waitedForStart = Duration.ZERO;

  /** Sleeps, unless the command is cancelled meanwhile. */
  @FunctionalInterface
  public interface Pause {
    /** Throws {@link NotRunException} when the command was cancelled. */
    void sleep(Duration time) throws NotRunException, InterruptedException;
  }

  /**
   * Admits one command.
   *
   * @param outer the id of the command that this guard is a part of, or empty
   */
  public Admission(BudgetStore budgets, GuardConfig config, String outer, Pause pause) {
    this.budgets = budgets;
    this.config = config;
    this.outer = outer;
    this.pause = pause;
    this.lines = new AdmissionLines(config);
  }

  /** Says that the command has the reserve, since there was no room. */
  public String inReserve(Reservation.Full full) {
    return lines.inReserve(full);
  }

  /** Answers how long the command has waited so far, for a place and for its start. */
  public Duration waited() {
    return waited.plus(waitedForStart);
  }

  /** Answers how long the rate limit has held the command back so far. */
  public Duration waitedForStart() {
    return waitedForStart;
  }

  /**
   * Takes a place for the command.
   *
   * @param queueing how the command waits for a place; empty: not at all
   * @throws NotRunException when there is no place
   */
  public Reservation.Granted place(String command, Optional<Queueing> queueing)
      throws NotRunException, IOException, InterruptedException {
    BudgetStore.PlaceRequest ask =
        new BudgetStore.PlaceRequest(
            command,
            config.budget(),
            config.maxProcesses().orElse(Integer.MAX_VALUE),
            config.userMaxProcesses().orElse(Integer.MAX_VALUE),
            queueing.isPresent(),
            config.reserve(),
            outer);
    Reservation answer = budgets.reserve(ask);
    if (!(answer instanceof Reservation.Queued queued)) {
      return granted(answer);
    }
    boolean admitted = false;
    try {
      Reservation.Granted granted = granted(inQueue(ask, queueing.get(), queued));
      admitted = true;
      return granted;
    } finally {
      if (!admitted) {
        budgets.leaveQueue(ask);
      }
    }
  }

  private Reservation inQueue(
      BudgetStore.PlaceRequest ask, Queueing queueing, Reservation.Queued first)
      throws NotRunException, IOException, InterruptedException {
    Reservation answer = first;
    int told = 0;
    while (answer instanceof Reservation.Queued queued) {
      if (queued.position() != told) {
        told = queued.position();
        queueing.position().accept(told);
      }
      Duration left = queueing.atMost().minus(waited);
      if (left.isZero() || left.isNegative()) {
        throw new NotRunException(lines.noRoomWithin(queueing.atMost(), told));
      }
      // A command that stands further behind has to wait for more than one to end.
      sleep(shortest(left, shortest(NEXT_ASKS_AFTER.multipliedBy(told), ALL_ASK_AFTER)));
      answer = budgets.reserve(ask);
    }
    return answer;
  }

  private static Duration shortest(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }

  private void sleep(Duration time) throws NotRunException, InterruptedException {
    long begin = System.nanoTime();
    pause.sleep(time);
    waited = waited.plusNanos(System.nanoTime() - begin);
  }

  private Reservation.Granted granted(Reservation answer) throws NotRunException {
    if (answer instanceof Reservation.Granted granted) {
      return granted;
    }
    throw new NotRunException(lines.refused((Reservation.Full) answer));
  }

  /**
   * Waits until the rate limit lets the command start.
   *
   * @param command the command's id
   * @return why only the starts of this process were counted; empty: all were
   * @throws NotRunException when that would take longer than the command may run
   */
  public String start(String command) throws NotRunException, IOException, InterruptedException {
    if (config.rateLimitPerSecond().isEmpty()) {
      return "";
    }
    boolean admitted = false;
    try {
      String problem = start(command, config.rateLimitPerSecond().get());
      admitted = true;
      return problem;
    } finally {
      if (!admitted) {
        budgets.leaveStarts(config.budget(), command);
      }
    }
  }

  private String start(String command, int rate)
      throws NotRunException, IOException, InterruptedException {
    while (true) {
      BudgetStore.StartAnswer answer = budgets.start(config.budget(), rate, command);
      Duration delay = answer.delay();
      if (delay.isZero()) {
        return answer.problem();
      }
      Duration then = waitedForStart.plus(delay);
      if (config.timeout().isPresent() && then.compareTo(config.timeout().get()) > 0) {
        throw new NotRunException(lines.tooFast(rate, config.timeout().get()));
      }
      pause.sleep(delay);
      waitedForStart = then;
    }
  }
}
