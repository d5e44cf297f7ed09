package dev.guard.os;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * A process in a session of its own, and what it says. Whoever started it reads that as it comes,
 * and waits for the process and never for the end of a pipe, which others may hold.
 */
public final class Child {
  private static final int PAUSE_MILLIS = 5;

  private final Os os;
  private final int pid;
  private final Pipe output;
  private final Pipe errors;
  private final OptionalInt input;

  private Child(Os os, int pid, Pipe output, Pipe errors, OptionalInt input) {
    this.os = os;
    this.pid = pid;
    this.output = output;
    this.errors = errors;
    this.input = input;
  }

  /**
   * Starts one without input.
   *
   * @param argv its words; the first one is the path of a program
   * @param environment entries NAME=VALUE
   * @param ignoredSignals bit n-1: signal n stays ignored in it
   */
  public static Child start(
      Os os, List<OsString> argv, List<OsString> environment, long ignoredSignals)
      throws OsException {
    int nothing = os.open(OsString.of("/dev/null"), Os.Open.READ, 0);
    return start(os, argv, environment, ignoredSignals, nothing, OptionalInt.empty());
  }

  /**
   * Starts one that is told something by {@link #tell}, or sees the end of this process instead.
   */
  public static Child startListening(
      Os os, List<OsString> argv, List<OsString> environment, long ignoredSignals)
      throws OsException {
    int[] input = os.pipe();
    try {
      return start(os, argv, environment, ignoredSignals, input[0], OptionalInt.of(input[1]));
    } catch (OsException e) {
      os.close(input[1]);
      throw e;
    }
  }

  private static Child start(
      Os os,
      List<OsString> argv,
      List<OsString> environment,
      long ignoredSignals,
      int standardInput,
      OptionalInt input)
      throws OsException {
    Pipe output = new Pipe(os);
    Pipe errors = new Pipe(os);
    try {
      List<SpawnSpec.Descriptor> descriptors =
          List.of(
              new SpawnSpec.Descriptor(standardInput, 0),
              new SpawnSpec.Descriptor(output.writingEnd, 1),
              new SpawnSpec.Descriptor(errors.writingEnd, 2));
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
      return new Child(os, pid, output, errors, input);
    } finally {
      os.close(standardInput);
      os.close(output.writingEnd);
      os.close(errors.writingEnd);
    }
  }

  /**
   * How a program that was run to its end has ended, and what it said.
   *
   * @param status as a shell shows it; that of {@link WaitStatus#UNKNOWN} where nobody knows
   */
  public record Ended(int status, String output, String errors) {}

  /**
   * Runs a program to its end.
   *
   * @param patience after which it is killed
   * @throws IOException when it can not be started, or is not over in time
   */
  public static Ended run(Os os, List<OsString> argv, List<OsString> environment, Duration patience)
      throws IOException {
    long deadline = System.nanoTime() + patience.toNanos();
    try (Closing child = new Closing(start(os, argv, environment, 0))) {
      WaitStatus status = child.of.look();
      while (status == null) {
        if (System.nanoTime() > deadline) {
          os.kill(child.of.pid, Signals.KILL);
          child.of.await();
          throw new IOException(
              argv.get(0) + " gave no answer within " + patience.toMillis() + " ms");
        }
        child.of.read(PAUSE_MILLIS);
        status = child.of.look();
      }
      while (child.of.isOpen() && child.of.read(0)) {}
      return new Ended(status.shellStatus(), child.of.output(), child.of.errors());
    }
  }

  private record Closing(Child of) implements AutoCloseable {
    @Override
    public void close() throws OsException {
      of.close();
    }
  }

  /** Its pid. */
  public int pid() {
    return pid;
  }

  /** Takes what it has said; false when that was nothing in this time, -1: for ever. */
  public boolean read(int millis) throws OsException {
    List<Pipe> open = Stream.of(output, errors).filter(p -> p.open).toList();
    boolean[] ready = os.poll(open.stream().mapToInt(p -> p.readingEnd).toArray(), millis);
    boolean any = false;
    for (int i = 0; i < ready.length; i++) {
      if (ready[i]) {
        open.get(i).take();
        any = true;
      }
    }
    return any;
  }

  /** Whether more can come. */
  public boolean isOpen() {
    return output.open || errors.open;
  }

  /** Whether more can come on its standard error. */
  public boolean complains() {
    return errors.open;
  }

  /** What it has said so far. */
  public String output() {
    return output.bytes.toString(StandardCharsets.UTF_8);
  }

  /** What it has said so far on its standard error. */
  public String errors() {
    return errors.bytes.toString(StandardCharsets.UTF_8);
  }

  /** What it has said on its standard error since the last call. */
  public byte[] newErrors() {
    byte[] all = errors.bytes.toByteArray();
    byte[] fresh = java.util.Arrays.copyOfRange(all, errors.passed, all.length);
    errors.passed = all.length;
    return fresh;
  }

  /** Writes to its standard input; one that has ended is told nothing. */
  public void tell(byte[] bytes) throws OsException {
    try {
      os.write(input.orElseThrow(), bytes);
    } catch (OsException e) {
      if (e.errno() != Errno.EPIPE) {
        throw e;
      }
    }
  }

  /** Waits until it has ended. */
  public WaitStatus await() throws OsException {
    WaitStatus status = look();
    while (status == null) {
      os.poll(new int[0], PAUSE_MILLIS);
      status = look();
    }
    return status;
  }

  /** Null: it runs. */
  private WaitStatus look() throws OsException {
    try {
      return os.waitNoHang(pid);
    } catch (OsException e) {
      if (e.errno() != Errno.ECHILD) {
        throw e;
      }
      // Somebody else in this process, who waits for whatever child there is, was faster.
      return WaitStatus.UNKNOWN;
    }
  }

  /** Listens no more. */
  public void close() throws OsException {
    os.close(output.readingEnd);
    os.close(errors.readingEnd);
    if (input.isPresent()) {
      os.close(input.getAsInt());
    }
  }

  private static final class Pipe {
    private final Os os;
    private final int readingEnd;
    private final int writingEnd;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private boolean open = true;
    private int passed;

    Pipe(Os os) throws OsException {
      this.os = os;
      int[] ends = os.pipe();
      readingEnd = ends[0];
      writingEnd = ends[1];
    }

    void take() throws OsException {
      byte[] buffer = new byte[4096];
      int count = os.read(readingEnd, buffer);
      open = count > 0;
      bytes.write(buffer, 0, Math.max(count, 0));
    }
  }
}
