package dev.guard.os;

/** Sets signals by signal(2). */
interface LinuxSignals extends SignalCalls {
  Libc RAISE = new Libc("raise");
  Libc SIGNAL = new Libc("signal");

  @Override
  default void setSignal(int signal, Disposition disposition) throws OsException {
    if (SIGNAL.call(signal, disposition == Disposition.DEFAULT ? 0 : 1) == -1) {
      throw SIGNAL.failure(Integer.toString(signal), Libc.errno());
    }
  }

  @Override
  default void raise(int signal) throws OsException {
    if (RAISE.call(signal) != 0) {
      throw RAISE.failure(Integer.toString(signal), Libc.errno());
    }
  }
}
