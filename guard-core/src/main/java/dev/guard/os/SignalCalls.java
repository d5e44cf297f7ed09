package dev.guard.os;

import java.util.List;
import java.util.OptionalInt;

/** Calls that set how signals act on this process. */
public interface SignalCalls {
  /** Sets the disposition of a signal in this process, for all of its threads. */
  void setSignal(int signal, Disposition disposition) throws OsException;

  /**
   * Calls raise(3): sends a signal to the calling thread, and returns after that has acted on it.
   */
  void raise(int signal) throws OsException;

  /** Gives a signal the handler of {@link #openSignalPipe} again. */
  void restoreHandler(int signal) throws OsException;

  /**
   * Opens a pipe that gets one byte for each of these signals: its number, and 0x80 when the kernel
   * has sent it, as for a key on a terminal, and not kill(2). Empty where this architecture has no
   * handler. Of signals that the JVM needs itself only those come that another process has sent.
   */
  OptionalInt openSignalPipe(List<Integer> signals) throws OsException;

  /** Says how a signal acts on this process. */
  enum Disposition {
    DEFAULT,
    IGNORE
  }
}
