package dev.guard.os;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * Runs programs that only answer, such as systemctl, with a deadline and a bound on their output.
 * The process is waited for and never the end of a pipe, which a process that it left behind may
 * hold for ever.
 */
public final class ProgramRunner {
  private ProgramRunner() {}

  /**
   * Runs a program to its end, in a session of its own and without input.
   *
   * @param argv the program's words; the first one is its path
   * @param environment entries NAME=VALUE
   * @param patience the time after which the program is killed
   * @throws IOException when the program can not be started, is not over in time, or says too much
   */
  public static ProgramResult run(
      Os os, List<OsString> argv, List<OsString> environment, Duration patience)
      throws IOException {
    try (StartedProgram program = StartedProgram.start(os, argv, environment, 0)) {
      return finish(os, program, argv.get(0), patience);
    }
  }

  /**
   * Waits until a program has ended, and kills it when that takes too long.
   *
   * @param name the program's name in a message
   */
  public static ProgramResult finish(
      Os os, StartedProgram program, OsString name, Duration patience) throws IOException {
    long deadline = System.nanoTime() + patience.toNanos();
    WaitStatus status = program.statusIfEnded();
    while (status == null) {
      if (System.nanoTime() > deadline) {
        program.kill();
        throw new IOException(name + " gave no answer within " + patience.toMillis() + " ms");
      }
      if (program.saysTooMuch()) {
        program.kill();
        break;
      }
      program.read(StartedProgram.PAUSE_MILLIS);
      status = program.statusIfEnded();
    }
    while (program.isOpen() && !program.saysTooMuch() && program.read(0)) {}
    if (program.saysTooMuch()) {
      throw new IOException(name + " said more than " + OutputPipe.MOST_BYTES + " bytes");
    }
    return new ProgramResult(status.shellStatus(), program.output(), program.errors());
  }
}
