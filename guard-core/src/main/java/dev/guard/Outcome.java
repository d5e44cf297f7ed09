package dev.guard;

import java.util.List;
import java.util.Optional;

/** Tells what came of a command: it ran, or it did not, and why. */
public sealed interface Outcome {
  /** Answers the single cause of the command's end. */
  Cause cause();

  /** Answers the exit status that guard exec shows, see docs/exit-codes.md. */
  int exitCode();

  /** Answers lines for the person who asked; empty when the command speaks for itself. */
  List<String> messages();

  /**
   * The command's main process ran and ended. With the cause GUARD_ERROR Guard failed after that,
   * e.g. could not remove its cgroup.
   *
   * @param status how the main process ended; empty when Guard could not end it
   */
  record Ran(Cause cause, Optional<ExitStatus> status, List<String> messages) implements Outcome {
    @Override
    public int exitCode() {
      if (cause == Cause.GUARD_ERROR || status.isEmpty()) {
        return 125;
      }
      return cause.isTimeOver() ? 124 : status.get().shellStatus();
    }
  }

  /** The program is not there (127) or can not be executed (126). */
  record NotExecuted(int exitCode, List<String> messages) implements Outcome {
    @Override
    public Cause cause() {
      return Cause.EXITED;
    }
  }

  /** A limit refused the command; nothing was run, a later try may succeed. */
  record Refused(Cause cause, List<String> messages) implements Outcome {
    @Override
    public int exitCode() {
      return 75;
    }
  }

  /**
   * The command was cancelled before it was released; nothing was run.
   *
   * @param signal the signal that asked for the cancellation, or 0
   */
  record CancelledUnrun(int signal) implements Outcome {
    @Override
    public Cause cause() {
      return Cause.CANCELLED;
    }

    @Override
    public int exitCode() {
      return signal == 0 ? 125 : 128 + signal;
    }

    @Override
    public List<String> messages() {
      return List.of();
    }
  }

  /** Guard could not do its job; nothing was run. */
  record Failed(Cause cause, List<String> messages) implements Outcome {
    @Override
    public int exitCode() {
      return 125;
    }
  }
}
