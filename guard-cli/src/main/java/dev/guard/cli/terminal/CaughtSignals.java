package dev.guard.cli.terminal;

import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.SignalCalls;
import dev.guard.os.Signals;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** Chooses the signals that guard catches while a command runs, and opens the pipe of them. */
public final class CaughtSignals {
  // An ignored signal is inherited through exec(2) only if it is ignored here. The JVM's handlers
  // of these do nothing that it needs; those of SEGV, BUS, FPE and ILL it can not do without.
  private static final List<Integer> CAUGHT_BY_JVM = List.of(Signals.PIPE, Signals.USR2);

  // Guard needs these, whatever the caller ignores.
  private static final List<Integer> NEEDED = List.of(Signals.CHLD, Signals.CONT);

  private static final List<Integer> STOPS = List.of(Signals.TSTP, Signals.TTIN, Signals.TTOU);

  private CaughtSignals() {}

  /**
   * Installs the handler for every signal that the caller does not want ignored.
   *
   * @param foreground whether the command is in Guard's own process group: then a signal that stops
   *     the one stops the other
   */
  public static OptionalInt install(Os os, long ignored, boolean foreground) throws OsException {
    for (int signal : CAUGHT_BY_JVM) {
      if (isIn(ignored, signal)) {
        os.setSignal(signal, SignalCalls.Disposition.IGNORE);
      }
    }
    List<Integer> wanted = new ArrayList<>();
    for (int signal = 1; signal <= Signals.LAST; signal++) {
      boolean can = signal != Signals.KILL && signal != Signals.STOP;
      boolean leftAlone = isIn(ignored, signal) || (foreground && STOPS.contains(signal));
      if (NEEDED.contains(signal) || (can && !leftAlone)) {
        wanted.add(signal);
      }
    }
    return os.openSignalPipe(wanted);
  }

  private static boolean isIn(long set, int signal) {
    return (set >> (signal - 1) & 1) != 0;
  }
}
