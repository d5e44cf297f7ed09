package dev.guard.systemd;

import dev.guard.os.Os;
import dev.guard.os.StartedProgram;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/**
 * Tells whether a program that was started by the words of a scope has come to run there. The
 * program says a word as the first thing that it does. Where the word does not come, the program is
 * ended, and the manager is told to give the scope up, so that none is left without a process.
 */
public final class ScopeStart {
  private static final Duration END_PATIENCE = Duration.ofSeconds(1);

  private ScopeStart() {}

  /**
   * Says why a program does not run in its scope. The program has ended by then.
   *
   * @param refusal what systemd-run said before it ended; empty: nothing in time
   * @param left what {@link Scope#giveUp} says of the scope, where there was no answer
   */
  public record Failure(Optional<String> refusal, String left) {
    /** Tells the failure to people. */
    public String problem() {
      return refusal.orElse("systemd-run gave no answer" + left);
    }
  }

  /**
   * Waits until the program says the word.
   *
   * @param program started with {@link Scope#words} before its own, in a process that nobody else
   *     waits for
   * @param word the word that the program's standard output begins with
   * @param patience after which there is no answer
   * @return empty when the program runs in the scope
   */
  public static Optional<Failure> await(
      Os os, Scope scope, StartedProgram program, String word, Duration patience)
      throws IOException {
    long deadline = System.nanoTime() + patience.toNanos();
    boolean inTime = true;
    while (inTime && !program.output().startsWith(word) && program.isOpen()) {
      long left = Math.max(0, deadline - System.nanoTime());
      inTime = program.read((int) Duration.ofNanos(left).toMillis());
    }
    if (program.output().startsWith(word)) {
      return Optional.empty();
    }
    String said = program.errors().strip().replaceAll("\\s+", " ");
    boolean answered = inTime && !said.isEmpty();
    // The process is waited for before the scope is given up, see Scope.giveUp; but one that the
    // kernel can not end, as on a dead file system, must not hold up the command.
    program.kill(END_PATIENCE);
    return Optional.of(
        answered
            ? new Failure(Optional.of(said), "")
            : new Failure(Optional.empty(), scope.giveUp(os)));
  }
}
