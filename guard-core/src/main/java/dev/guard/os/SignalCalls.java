package dev.guard.os;

/** Calls that set how signals act on this process. */
public interface SignalCalls {
  /** Sets the disposition of a signal in this process, for all of its threads. */
  void setSignal(int signal, Disposition disposition) throws OsException;

  /**
   * Calls raise(3): sends a signal to the calling thread, and returns after that has acted on it.
   */
  void raise(int signal) throws OsException;

  /** Says how a signal acts on this process. */
  enum Disposition {
    DEFAULT,
    IGNORE
  }
}
