package dev.guard.exec.admission;

import java.io.IOException;
import java.time.Duration;

/**
 * Who lives in a budget and how fast it starts commands. Every method is one atomic step among all
 * users of the store. A failure to count is thrown, never taken as room.
 */
public interface BudgetStore {
  /** Counts the live processes of a tree; throws when it can not. */
  @FunctionalInterface
  interface ProcessCount {
    /** Live processes, 0 when the tree has gone. */
    int count() throws IOException;
  }

  /** A place in a budget. It counts as one process until it is told how to count its tree. */
  interface Place {
    /** From now on the place counts as many processes as its tree has. */
    void countBy(ProcessCount count);

    /** Gives the place back; again is no error. */
    void giveBack();

    /** Processes of the tree were left alive: gives the place back when they have gone. */
    void giveBackWhenEmpty();
  }

  /** The answer to {@link #reserve}. */
  sealed interface Reservation {
    /** There was room, and it is taken. */
    record Granted(Place place) implements Reservation {}

    /** There was none. */
    record Full(int active, int max) implements Reservation {}
  }

  /**
   * Counts the live processes of the budget and takes a place if they are fewer than {@code max},
   * in one step.
   *
   * @param max the most live processes, or {@link Integer#MAX_VALUE} for no limit
   */
  Reservation reserve(String budget, int max) throws IOException;

  /**
   * Asks the rate limiter whether a start may happen now, and notes it if so.
   *
   * @param ratePerSecond starts per second, 1 or more
   * @param again whether this start was told to wait before
   * @return zero: start now; else how long to wait before asking again
   */
  Duration start(String budget, int ratePerSecond, boolean again) throws IOException;
}
