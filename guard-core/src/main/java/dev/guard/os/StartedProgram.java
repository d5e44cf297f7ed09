package dev.guard.os;

import java.time.Duration;
import java.util.List;

/**
 * Listens to a program that runs. Its starter reads what it says as it comes, and waits for the
 * process and never for the end of a pipe, which others may hold.
 */
public final class StartedProgram implements AutoCloseable {
  static final int PAUSE_MILLIS = 5;

  private final Os os;
  private final int pid;
  private final OutputPipe output;
  private final OutputPipe errors;

  private StartedProgram(Os os, int pid, OutputPipe output, OutputPipe errors) {
    this.os = os;
    this.pid = pid;
    this.output = output;
    this.errors = errors;
  }

  /**
   * Starts a program in a session of its own, without input.
   *
   * @param argv the program's words; the first one is its path
   * @param environment entries NAME=VALUE
   * @param ignoredSignals bit n-1: signal n stays ignored in the program
   */
  public static StartedProgram start(
      Os os, List<OsString> argv, List<OsString> environment, long ignoredSignals)
      throws OsException {
    int nothing = os.open(OsString.of("/dev/null"), DescriptorCalls.Open.READ, 0);
    int[] output = os.pipe();
    int[] errors = os.pipe();
    try {
      List<SpawnSpec.Descriptor> descriptors =
          List.of(
              new SpawnSpec.Descriptor(nothing, 0),
              new SpawnSpec.Descriptor(output[1], 1),
              new SpawnSpec.Descriptor(errors[1], 2));
      SpawnSpec.SignalDefaults signals = new SpawnSpec.SignalDefaults(ignoredSignals);
      int pid =
          os.spawn(
              new SpawnSpec(
                  argv.get(0),
                  argv,
                  environment,
                  null,
                  descriptors,
                  signals,
                  SpawnSpec.Leads.SESSION,
                  null));
      return new StartedProgram(
          os, pid, new OutputPipe(os, output[0]), new OutputPipe(os, errors[0]));
    } finally {
      os.close(nothing);
      os.close(output[1]);
      os.close(errors[1]);
    }
  }

  /**
   * Takes a program that was started otherwise, a child of this process.
   *
   * @param said the reading end of the pipe that is the program's standard output and its standard
   *     error
   */
  public static StartedProgram of(Os os, int pid, int said) {
    OutputPipe both = new OutputPipe(os, said);
    return new StartedProgram(os, pid, both, both);
  }

  /** Answers the program's pid. */
  public int pid() {
    return pid;
  }

  /** Takes what the program has said; false when that was nothing in this time, -1: for ever. */
  public boolean read(int millis) throws OsException {
    OutputPipe[] open = new OutputPipe[] {output, errors};
    int count = 0;
    for (OutputPipe pipe : output == errors ? List.of(output) : List.of(output, errors)) {
      if (pipe.isOpen()) {
        open[count++] = pipe;
      }
    }
    int[] descriptors = new int[count];
    for (int i = 0; i < count; i++) {
      descriptors[i] = open[i].descriptor();
    }
    boolean[] ready = os.poll(descriptors, millis);
    boolean any = false;
    for (int i = 0; i < count; i++) {
      if (ready[i]) {
        open[i].take();
        any = true;
      }
    }
    return any;
  }

  /** Tells whether more output can come. */
  public boolean isOpen() {
    return output.isOpen() || errors.isOpen();
  }

  /** Tells whether the program has said more than is kept. */
  boolean saysTooMuch() {
    return output.hasDropped() || errors.hasDropped();
  }

  /** Answers what the program has said so far. */
  public String output() {
    return output.text();
  }

  /** Answers what the program has said so far on its standard error. */
  public String errors() {
    return errors.text();
  }

  /** Waits until the program has ended. */
  public WaitStatus await() throws OsException {
    WaitStatus status = statusIfEnded();
    while (status == null) {
      os.poll(new int[0], PAUSE_MILLIS);
      status = statusIfEnded();
    }
    return status;
  }

  /** Kills the program, and waits until it has ended. The program must not have been waited for. */
  public void kill() throws OsException {
    os.kill(pid, Signals.KILL);
    await();
  }

  /**
   * Kills the program, and waits this long until it has ended. The program must not have been
   * waited for.
   *
   * @return whether the program has ended
   */
  public boolean kill(Duration patience) throws OsException {
    os.kill(pid, Signals.KILL);
    long deadline = System.nanoTime() + patience.toNanos();
    boolean ended = statusIfEnded() != null;
    while (!ended && System.nanoTime() < deadline) {
      os.poll(new int[0], PAUSE_MILLIS);
      ended = statusIfEnded() != null;
    }
    return ended;
  }

  /** Waits for the program if it has ended; null when it runs. */
  WaitStatus statusIfEnded() throws OsException {
    return WaitStatus.ofEnded(os, pid);
  }

  /** Closes the pipes to the program, which is not ended. */
  @Override
  public void close() throws OsException {
    output.close();
    if (errors != output) {
      errors.close();
    }
  }
}
