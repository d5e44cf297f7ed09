package dev.guard.report;

import dev.guard.os.ProcessId;
import dev.guard.record.CommandRecord;
import dev.guard.record.CommandRecord.Left;
import dev.guard.record.History;
import dev.guard.record.RecordFiles;
import dev.guard.record.RecordFiles.NameTakenException;
import dev.guard.value.Result;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Writes the files that one command leaves for others to read: its record while it lives, its line
 * in the history after that, and its report where it was detached.
 *
 * <p>A command that is to be found by its id later does not run without a record; any other does,
 * and its receipt says so.
 */
public final class Journal {
  private final RecordFilesOpening files;
  private final History history;
  private final Recovery recovery;
  private CommandRecord record;

  /** Opens the records of the user. */
  @FunctionalInterface
  public interface RecordFilesOpening {
    /** Opens the records, or fails with the reason where the user has no directory for them. */
    RecordFiles open() throws IOException;
  }

  /** Brings to their end the records of guards that have died. */
  @FunctionalInterface
  public interface Recovery {
    /**
     * Brings the records of dead guards to their end.
     *
     * @param now false: it may be left out where that was done a moment ago
     */
    void run(boolean now) throws IOException;
  }

  /**
   * Makes the journal of one command.
   *
   * @param recovery the step made when the command has ended, for guards that could not make it
   *     themselves
   */
  public Journal(RecordFilesOpening files, History history, Recovery recovery) {
    this.files = files;
    this.history = history;
    this.recovery = recovery;
  }

  /**
   * Writes the first record, before the command's spawn.
   *
   * @return why there is no record; empty: there is one
   * @throws IOException when the command may not run without a record, or its name is another's
   */
  public String begin(CommandRecord first) throws IOException {
    try {
      try {
        files.open().putNew(first);
      } catch (NameTakenException e) {
        // Perhaps the name is taken by a command of which nothing is left but its record.
        recovery.run(true);
        files.open().putNew(first);
      }
      record = first;
      return "";
    } catch (NameTakenException e) {
      throw e;
    } catch (IOException e) {
      if (first.detached()) {
        throw e;
      }
      return e.getMessage();
    }
  }

  /** Goes on with the record of a command that runs. */
  public synchronized void resume(CommandRecord changed) throws IOException {
    files.open().put(changed);
    record = changed;
  }

  /**
   * Writes a change of the record.
   *
   * @return why the record could not be written; empty: it was, or there is none
   * @throws IOException when the command may not run without a record
   */
  public synchronized String update(UnaryOperator<CommandRecord> change) throws IOException {
    if (record == null) {
      return "";
    }
    record = change.apply(record);
    try {
      files.open().put(record);
      return "";
    } catch (IOException e) {
      if (record.detached()) {
        throw e;
      }
      return e.getMessage();
    }
  }

  /**
   * Writes the report and the history of a finished command.
   *
   * @param hasRun whether the caller was told the command's id, and somebody may ask what came of
   *     it
   * @param keeps whether processes were left
   * @return a line for each thing that could not be written
   */
  public List<String> finished(Result result, boolean hasRun, boolean keeps) {
    List<String> problems = new ArrayList<>();
    String[] report = {""};
    attempt(problems, "report", () -> report[0] = ReportWriter.toJson(result));
    // The steps stand in this order: if Guard is killed in between, the line in the history is
    // still to be written.
    if (record != null && record.detached() && hasRun) {
      attempt(problems, "record", () -> files.open().putEnded(result.id(), report[0]));
    }
    if (!report[0].isEmpty()) {
      attempt(problems, "history", () -> history.append(report[0]));
    }
    if (record != null && !keeps) {
      attempt(problems, "record", () -> files.open().remove(record));
    }
    if (record != null) {
      attempt(problems, "records of others", () -> recovery.run(false));
    }
    return problems;
  }

  /**
   * Removes the record, when nothing is left any more of the processes that were left on purpose.
   */
  public void forget() throws IOException {
    if (record != null) {
      files.open().remove(record);
    }
  }

  /** Makes one of the files. */
  @FunctionalInterface
  private interface Step {
    void run() throws IOException;
  }

  private static void attempt(List<String> problems, String what, Step step) {
    try {
      step.run();
    } catch (IOException | RuntimeException | Error e) {
      // The steps after this one must be made all the same.
      problems.add(what + ": " + e.getMessage());
    }
  }

  /**
   * Records that these are the command's strays now. Unlike other changes this one ends nothing
   * when it can not be written: the lifeline knows the strays.
   *
   * @return why the strays could not be written; empty: they were, or there is no record
   */
  public String strays(List<ProcessId> known) {
    try {
      return update(r -> r.withStrays(known));
    } catch (IOException e) {
      return e.getMessage();
    }
  }

  /**
   * Records that the command's log has lost so many bytes. Like strays, this ends nothing when it
   * can not be written: the report has the number at the end.
   *
   * @return why the number could not be written; empty: it was, or there is no record
   */
  public String outputLost(long bytes) {
    try {
      return update(r -> r.withOutputLost(bytes));
    } catch (IOException e) {
      return e.getMessage();
    }
  }

  /** Records that others were left when the main process had ended. */
  public String left(Left what) throws IOException {
    return update(r -> r.left(what));
  }
}
