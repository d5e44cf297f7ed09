package dev.guard.admission;

import dev.guard.process.Member;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Knows who lives in a budget and how fast it starts commands. Every method is one atomic step
 * among all users of the store. A failure to count is thrown, never taken as room.
 */
public interface BudgetStore {
  /**
   * Stands for a place in a budget. A place counts as one process until it is told where the tree
   * is.
   */
  interface Place {
    /** Makes the place count as many processes as its tree has, from now on. */
    void countBy(Member member) throws IOException;

    /** Gives the place back, later if it has to be. A second call is no error. */
    void giveBack();

    /** Gives the place back when the processes of the tree that were left alive have gone. */
    void giveBackWhenEmpty();
  }

  /**
   * Describes who asks for a place.
   *
   * @param command the command's id
   * @param budget the budget's name
   * @param max the most live processes in the budget, or {@link Integer#MAX_VALUE} for no limit
   * @param userMax the most in all budgets together, or {@link Integer#MAX_VALUE} for no limit; a
   *     request without one does not pay for the count
   * @param waits whether the command queues where there is no room
   * @param reserve whether a command that does not wait may have the reserve where there is no
   *     room: a place that one command at a time has in each full budget, and where all budgets
   *     together are full, one in all of them
   * @param outer the id of the command, of another guard, that this one will be a part of; after a
   *     ? when only the environment says so; or empty
   */
  record PlaceRequest(
      String command,
      String budget,
      int max,
      int userMax,
      boolean waits,
      boolean reserve,
      String outer) {
    /** Checks the ids, of which lines are made: a newline in one would damage all of the budget. */
    public PlaceRequest {
      String id = outer.startsWith("?") ? outer.substring(1) : outer;
      if (!PlaceLine.isWord(command) || !(outer.isEmpty() || PlaceLine.isWord(id))) {
        throw new IllegalArgumentException("no ids of commands: " + command + ", " + outer);
      }
    }
  }

  /**
   * Answers {@link #start}.
   *
   * @param delay zero: start now; else how long to wait before asking again
   * @param problem why only starts of this process are known; empty: all starts are
   */
  record StartAnswer(Duration delay, String problem) {}

  /** Names a command that is counted, and its live processes. */
  record Holder(String command, int processes) {}

  /** Answers {@link #reserve}. */
  sealed interface Reservation {
    /**
     * The place is taken.
     *
     * @param reserve empty: there was room; else what there was none in, and the place is the
     *     reserve
     * @param problem why the place is known to this process alone; empty: all guards of the user
     *     count it
     * @param damage what the budget had lost before, by damage to its file; empty: nothing
     */
    record Granted(Place place, Optional<Full> reserve, String problem, String damage)
        implements Reservation {}

    /**
     * There was no room.
     *
     * @param ofUser whether all budgets of the user together had none; else the budget
     * @param active the live processes there
     * @param max the most that there may be
     * @param waiting the commands that wait for a place in the budget
     * @param holders the commands with the most processes, the largest first, at most three, and
     *     none that this one is a part of
     * @param inReserve the command in the reserve, which this one could have had else; empty: it
     *     could not
     */
    record Full(
        boolean ofUser,
        int active,
        int max,
        int waiting,
        List<Holder> holders,
        Optional<String> inReserve)
        implements Reservation {}

    /**
     * There was no room, and the command stands in the queue: ask again later.
     *
     * @param position 1: next
     */
    record Queued(int position) implements Reservation {}
  }

  /**
   * Counts the live processes of the budget and takes a place if they, and those that wait longer,
   * are fewer than its maximum, in one step. With a maximum of the user those of all budgets must
   * be fewer than that, too; all requests with such a maximum are one step to each other, whatever
   * their budget. Where there is no room a request may have the reserve.
   */
  Reservation reserve(PlaceRequest ask) throws IOException;

  /**
   * Takes the command out of the queue, later if it has to be; no error when it does not stand
   * there.
   */
  void leaveQueue(PlaceRequest ask) throws IOException;

  /**
   * Asks the rate limiter whether a command may start now, and notes the start if so; else the
   * command stands in the queue, first come, first served, until it starts or leaves.
   *
   * @param ratePerSecond starts per second, 1 or more
   * @param command the command's id
   */
  StartAnswer start(String budget, int ratePerSecond, String command) throws IOException;

  /**
   * Takes the command out of the queue for starts, later if it has to be; no error when it does not
   * wait.
   */
  void leaveStarts(String budget, String command) throws IOException;

  /**
   * Does what could not be done at its time, e.g. give a place back while no descriptor was to be
   * had. What can not be done now either is done with the budget's next reservation in this
   * process; where there is none, the process's end gives its places back.
   */
  void catchUp();
}
