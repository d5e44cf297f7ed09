package dev.guard.command;

import dev.guard.launch.Lifeline;
import dev.guard.monitor.Watch;
import dev.guard.os.ProcessId;
import dev.guard.os.Procfs;
import dev.guard.report.Journal;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;

/**
 * This class tells the lifeline of a command's strays, and writes them into its record: when guard
 * and lifeline were killed, nothing else proves that they belong to the command.
 */
final class RecordedStrays implements Watch.Adoptions {
  // A program that makes daemons without end must not make the record grow without end, too.
  private static final int MOST = 1000;

  private final String id;
  private final Procfs procfs;
  private final Lifeline lifeline;
  private final Journal journal;
  private final Consumer<String> problems;
  private final List<ProcessId> known = new ArrayList<>();
  private boolean changed;

  /**
   * Keeps the strays of one command.
   *
   * @param problems told when the record can not be written, which ends nothing
   */
  RecordedStrays(
      String id, Procfs procfs, Lifeline lifeline, Journal journal, Consumer<String> problems) {
    this.id = id;
    this.procfs = procfs;
    this.lifeline = lifeline;
    this.journal = journal;
    this.problems = problems;
  }

  @Override
  public synchronized void adopted(ProcessId process) throws IOException {
    lifeline.adopted(id, process);
    known.add(process);
    changed = true;
  }

  /** Writes the record once for all that one look has found. */
  @Override
  public synchronized void looked() throws IOException {
    if (!changed) {
      return;
    }
    changed = false;
    known.removeIf(this::hasEnded);
    List<ProcessId> newest = known.subList(Math.max(0, known.size() - MOST), known.size());
    String problem = journal.strays(newest);
    if (!problem.isEmpty()) {
      problems.accept("record: " + problem);
    }
  }

  /**
   * Records the strays that are left when the command is over: the next guard knows them by this
   * alone.
   */
  synchronized void left(Collection<ProcessId> processes) throws IOException {
    for (ProcessId process : processes) {
      adopted(process);
    }
    looked();
  }

  /** Lists them, as far as they may live. */
  synchronized List<ProcessId> known() {
    return List.copyOf(known);
  }

  private boolean hasEnded(ProcessId process) {
    try {
      return !process.lives(procfs);
    } catch (IOException e) {
      // The process can not be read at this moment: it stays known.
      return false;
    }
  }
}
