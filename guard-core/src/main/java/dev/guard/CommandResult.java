package dev.guard;

import dev.guard.value.Result;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Holds everything about a finished command: what was in force, what happened, and what it wrote.
 */
public final class CommandResult {
  private final Result result;

  CommandResult(Result result) {
    this.result = result;
  }

  /** Answers the command's id, which its variable GUARD_ID and its cgroup's name hold too. */
  public String id() {
    return result.id();
  }

  /** Answers the name that people call the command by; empty when it has only its id. */
  public Optional<String> name() {
    return result.name();
  }

  /** Answers the name of the budget that the command ran in. */
  public String budget() {
    return result.budget();
  }

  /** Answers what came of the command. */
  public Outcome outcome() {
    return result.outcome();
  }

  /** Answers the single reason why the command ended as it did. */
  public Cause cause() {
    return result.outcome().cause();
  }

  /**
   * Answers the exit status that {@code guard exec} shows: the command's own, 128 and the signal
   * that ended it, 124 when its time was over, 126 and 127 when it could not be executed, 75 when a
   * limit refused it, and 125 when Guard failed, a required layer was missing, or processes
   * survived. The command's own is {@link Outcome.Ran#status}.
   */
  public int exitCode() {
    return result.exitCode();
  }

  /**
   * Answers lines for people that say what Guard did to the command; empty when it ended by itself
   * or was cancelled.
   */
  public List<String> messages() {
    return result.outcome().messages();
  }

  /**
   * Answers what went wrong beside the command, e.g. its line in the history could not be written.
   */
  public List<String> notes() {
    return result.notes();
  }

  /**
   * Answers the receipt: one layer for each {@link LayerName}, in that order, of a command whose
   * process was put inside its limits; fewer for one that was refused before that.
   */
  public List<Layer> layers() {
    return result.layers();
  }

  /** Answers the receipt's layer of this name; empty when the command did not come so far. */
  public Optional<Layer> layer(LayerName name) {
    return result.layers().stream().filter(l -> l.name() == name).findFirst();
  }

  /** Answers when the command was requested, ran and ended. */
  public CommandTimes times() {
    Result.Times t = result.times();
    return new CommandTimes(t.requested(), t.waited(), t.ran(), t.reaped(), t.ended());
  }

  /** Answers what the command used. */
  public CommandUsage usage() {
    Result.Usage u = result.usage();
    OptionalLong micros = u.cpuMicros();
    return new CommandUsage(
        micros.isPresent()
            ? Optional.of(Duration.ofNanos(micros.getAsLong() * 1000))
            : Optional.empty(),
        u.peakMemoryBytes(),
        u.peakMemorySource().filter(Result.PeakMemorySource.CGROUP::equals).isPresent(),
        u.peakPids(),
        u.forksRefused(),
        u.oomKills());
  }

  /** Answers the command's standard output, as far as it was captured. */
  public CapturedOutput output() {
    return new CapturedOutput(result.output());
  }

  /** Answers the command's standard error, as far as it was captured. */
  public CapturedOutput error() {
    return new CapturedOutput(result.error());
  }

  /** Answers how many processes outlived the main process and were ended. */
  public int leftoversKilled() {
    return result.leftoversKilled();
  }

  /**
   * Answers how many processes outlived the main process and were left alive, as {@link Leftovers}
   * says.
   */
  public int leftoversKept() {
    return result.leftoversKept();
  }

  /**
   * Answers the processes of the command that Guard could not end; the exit code is 125 when there
   * are any.
   */
  public List<LiveProcess> survivors() {
    return result.survivors().stream().map(s -> new LiveProcess(s.pid(), s.command())).toList();
  }

  @Override
  public String toString() {
    return "command " + id() + ": " + cause().text() + ", exit code " + exitCode();
  }
}
