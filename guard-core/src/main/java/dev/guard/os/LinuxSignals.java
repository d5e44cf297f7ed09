package dev.guard.os;

import java.util.List;
import java.util.OptionalInt;

/** Sets signals by sigaction(2), where need be with a handler of machine code. */
interface LinuxSignals extends SignalCalls, ProcessCalls, DescriptorCalls {
  Libc RAISE = new Libc("raise");

  @Override
  default void setSignal(int signal, Disposition disposition) throws OsException {
    SignalHandler.set(signal, disposition == Disposition.DEFAULT ? 0 : 1);
  }

  @Override
  default void raise(int signal) throws OsException {
    if (RAISE.call(signal) != 0) {
      throw RAISE.failure(Integer.toString(signal), Libc.errno());
    }
  }

  @Override
  default void restoreHandler(int signal) throws OsException {
    SignalHandler.restore(signal);
  }

  @Override
  default OptionalInt openSignalPipe(List<Integer> signals) throws OsException {
    if (!SignalHandler.supported()) {
      return OptionalInt.empty();
    }
    int[] pipe = pipe();
    setNonBlocking(pipe[1]);
    SignalHandler.install(pipe[1], pid(), signals);
    return OptionalInt.of(pipe[0]);
  }
}
