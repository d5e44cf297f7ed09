package dev.guard.cli.shared;

import dev.guard.os.Errno;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.Signals;
import java.io.BufferedOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Prints for one call of guard whose work is what it prints, on descriptors of this process or of
 * another one: output that is lost is an error, as with coreutils. A PrintStream of Java forgets
 * why it could not write.
 */
public final class Output {
  private static final int AT_ONCE = 65_536;

  private final StandardOutput descriptor;
  private final PrintStream standard;
  private final Consumer<byte[]> errors;
  private final BooleanSupplier heard;

  /** Writes to a standard output. */
  @FunctionalInterface
  public interface Sink {
    /** Writes all of the bytes. */
    void write(byte[] bytes) throws OsException;
  }

  /**
   * An end says how whoever prints is to end.
   *
   * @param status its exit status
   * @param signal of which it is to die in place of that; 0: of none
   */
  public record End(int status, int signal) {}

  /**
   * Prints wherever this leads.
   *
   * @param sink takes what is for the standard output
   * @param errors takes what is for the standard error; what is lost there is lost
   * @param heard tells whether anybody is there who reads
   */
  public Output(Sink sink, Consumer<byte[]> errors, BooleanSupplier heard) {
    this.descriptor = new StandardOutput(sink);
    this.standard =
        new PrintStream(
            new BufferedOutputStream(descriptor, AT_ONCE), true, StandardCharsets.UTF_8);
    this.errors = errors;
    this.heard = heard;
  }

  /** Prints on the descriptors of this process. */
  public static Output ofThisProcess(Os os) {
    return new Output(bytes -> os.write(1, bytes), System.err::writeBytes, () -> true);
  }

  /** Answers the standard output. */
  public PrintStream standard() {
    return standard;
  }

  /** Prints text in UTF-8 on the standard output. */
  public void print(String text) {
    standard.writeBytes(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Tells whether anybody takes what is printed. */
  public boolean isHeard() {
    return !standard.checkError() && heard.getAsBoolean();
  }

  /** Says one line of guard's own on the standard error. */
  public void say(String line) {
    errors.accept(Messages.bytes(line));
  }

  /**
   * Answers how a call ends that would exit with {@code status}. Where the reader of the output has
   * gone, as in {@code guard history | head}, it dies of PIPE, as any program does.
   *
   * @param ignoredSignals bit n-1: the caller had signal n ignored
   */
  public End end(int status, long ignoredSignals) {
    standard.flush();
    OsException failure = descriptor.failure;
    if (failure == null) {
      return new End(status, 0);
    }
    boolean dies = (ignoredSignals >> (Signals.PIPE - 1) & 1) == 0;
    if (failure.errno() == Errno.EPIPE && dies) {
      return new End(status, Signals.PIPE);
    }
    errors.accept(
        Messages.bytes("not all of the output could be written: " + failure.getMessage()));
    return new End(ExitCode.GUARD_ERROR, 0);
  }

  private static final class StandardOutput extends OutputStream {
    private final Sink sink;
    private OsException failure;

    StandardOutput(Sink sink) {
      this.sink = sink;
    }

    @Override
    public void write(int b) throws OsException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws OsException {
      if (failure == null) {
        try {
          sink.write(Arrays.copyOfRange(bytes, offset, offset + length));
        } catch (OsException e) {
          failure = e;
        }
      }
      if (failure != null) {
        throw failure;
      }
    }
  }
}
