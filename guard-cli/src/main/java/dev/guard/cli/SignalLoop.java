package dev.guard.cli;

import dev.guard.CommandResult;
import dev.guard.exec.RunningCommand;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.Signals;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What guard does while a command runs: passes signals on to its group, follows it when it is
 * stopped and continued on a terminal, and waits for orphans that came back to guard.
 */
final class SignalLoop {
  private static final int WINCH = 28;
  private static final int PIPE = 13;

  // An ignored signal is inherited through exec(2) only if it is ignored here. The JVM's handlers
  // of
  // these do nothing that it needs; those of SEGV, BUS, FPE and ILL it can not do without.
  private static final List<Integer> CAUGHT_BY_JVM = List.of(PIPE, Signals.USR2);

  /** The signals that are passed on, and CHLD. */
  static final List<Integer> SIGNALS =
      List.of(
          Signals.HUP,
          Signals.INT,
          Signals.QUIT,
          Signals.TERM,
          Signals.USR1,
          Signals.USR2,
          Signals.TSTP,
          Signals.CONT,
          WINCH,
          Signals.CHLD);

  // How long a group may take to stop after it was told to. A group without a shell above it never
  // does.
  private static final int STOP_MILLIS = 200;

  private final Os os;
  private final OptionalInt signals;
  private final Optional<Terminal> terminal;
  private final RunningCommand command;
  private volatile int group;

  SignalLoop(Os os, OptionalInt signals, Optional<Terminal> terminal, RunningCommand command) {
    this.os = os;
    this.signals = signals;
    this.terminal = terminal;
    this.command = command;
  }

  /** Installs the handler for every signal that the caller does not want ignored. */
  static OptionalInt install(Os os, long ignored) throws OsException {
    for (int signal : CAUGHT_BY_JVM) {
      if (isIn(ignored, signal)) {
        os.setSignal(signal, Os.Disposition.IGNORE);
      }
    }
    return os.openSignalPipe(SIGNALS.stream().filter(s -> !isIn(ignored, s)).toList());
  }

  private static boolean isIn(long set, int signal) {
    return (set >> (signal - 1) & 1) != 0;
  }

  /** The command is held: its group is known, and gets the terminal. */
  void held(int pid) throws OsException {
    group = pid;
    if (terminal.isPresent()) {
      terminal.get().lendAtStart(pid);
    }
  }

  /** Returns when the command has its result. */
  CommandResult untilDone() throws OsException {
    if (signals.isEmpty()) {
      return command.result().join();
    }
    int[] done = os.pipe();
    command.result().whenComplete((result, error) -> wake(done[1]));
    byte[] buffer = new byte[64];
    boolean[] ready;
    do {
      ready = os.poll(new int[] {signals.getAsInt(), done[0]}, -1);
      if (ready[0]) {
        int count = os.read(signals.getAsInt(), buffer);
        for (int i = 0; i < count; i++) {
          handle(buffer[i]);
        }
      }
    } while (!ready[1]);
    return command.result().join();
  }

  private void wake(int descriptor) {
    try {
      os.write(descriptor, new byte[] {0});
    } catch (OsException e) {
      throw new IllegalStateException(e);
    }
  }

  private void handle(int signal) throws OsException {
    switch (signal) {
      case Signals.CHLD -> children();
      case Signals.CONT -> continued(Optional.empty());
      case Signals.TSTP, WINCH -> {
        if (group != 0) {
          os.kill(-group, signal);
        }
      }
      default -> command.signal(signal);
    }
  }

  private void children() throws OsException {
    if (group == 0) {
      return;
    }
    OptionalInt stop = terminal.isPresent() ? os.takeStop(group) : OptionalInt.empty();
    if (stop.isPresent()) {
      stopped(stop.getAsInt());
    }
    reapOrphans();
  }

  /**
   * Guard is a subreaper: whoever lost his parent in the tree is a child of ours, and a zombie
   * until we wait for him.
   */
  private void reapOrphans() throws OsException {
    OptionalInt ended = os.peekEndedChild();
    while (ended.isPresent() && ended.getAsInt() != group) {
      if (os.waitNoHang(ended.getAsInt()) == null) {
        return;
      }
      ended = os.peekEndedChild();
    }
  }

  private void stopped(int signal) throws OsException {
    Terminal tty = terminal.get();
    boolean asked = signal == Signals.TTIN || signal == Signals.TTOU;
    if (asked && tty.lendOnRequest(group)) {
      os.kill(-group, Signals.CONT);
      return;
    }
    byte[] modes = tty.modes();
    tty.takeBack(true);
    // As if Ctrl-Z had been typed for the group the shell knows. The shell sees it stop, and wakes
    // it with CONT.
    os.setSignal(Signals.TSTP, Os.Disposition.DEFAULT);
    os.kill(-os.processGroup(0), Signals.TSTP);
    awaitContinue();
    os.restoreHandler(Signals.TSTP);
    continued(Optional.of(modes));
  }

  private void awaitContinue() throws OsException {
    byte[] one = new byte[1];
    while (os.poll(new int[] {signals.getAsInt()}, STOP_MILLIS)[0]) {
      if (os.read(signals.getAsInt(), one) == 1) {
        if (one[0] == Signals.CONT) {
          return;
        }
        if (one[0] != Signals.CHLD) {
          handle(one[0]);
        }
      }
    }
  }

  private void continued(Optional<byte[]> modes) throws OsException {
    if (group == 0) {
      return;
    }
    if (terminal.isPresent() && !terminal.get().isLent()) {
      terminal.get().lendAgain(group, modes.isPresent() ? modes.get() : terminal.get().modes());
    }
    os.kill(-group, Signals.CONT);
  }
}
