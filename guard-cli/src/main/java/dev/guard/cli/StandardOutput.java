package dev.guard.cli;

import dev.guard.cli.shared.ExitCode;
import dev.guard.cli.shared.Messages;
import dev.guard.os.Errno;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.SignalCalls;
import dev.guard.os.Signals;
import java.io.BufferedOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Stands for the standard output of commands whose work is what they print: output that is lost is
 * an error, as with coreutils. A PrintStream of Java forgets why it could not write.
 */
final class StandardOutput extends OutputStream {
  private final Os os;
  private OsException failure;

  private StandardOutput(Os os) {
    this.os = os;
  }

  /** Installs the stream as System.out. */
  static StandardOutput install(Os os) {
    StandardOutput output = new StandardOutput(os);
    OutputStream buffered = new BufferedOutputStream(output);
    System.setOut(new PrintStream(buffered, true, StandardCharsets.UTF_8));
    return output;
  }

  @Override
  public void write(int b) throws OsException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws OsException {
    if (failure == null) {
      try {
        os.write(1, Arrays.copyOfRange(bytes, offset, offset + length));
      } catch (OsException e) {
        failure = e;
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  /**
   * Answers the exit status of a command that would exit with {@code status}. When the reader of
   * the output has gone, as in {@code guard history | head}, this process dies of PIPE here, as any
   * program does.
   */
  int exitStatus(int status, long ignoredSignals) throws OsException {
    System.out.flush();
    if (failure == null) {
      return status;
    }
    boolean dies = (ignoredSignals >> (Signals.PIPE - 1) & 1) == 0;
    if (failure.errno() == Errno.EPIPE && dies) {
      os.setSignal(Signals.PIPE, SignalCalls.Disposition.DEFAULT);
      os.raise(Signals.PIPE);
    }
    Messages.print("not all of the output could be written: " + failure.getMessage());
    return ExitCode.GUARD_ERROR;
  }
}
