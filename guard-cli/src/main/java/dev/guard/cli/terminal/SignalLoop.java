package dev.guard.cli.terminal;

import dev.guard.Outcome;
import dev.guard.command.CommandHandle;
import dev.guard.os.Errno;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.Signals;
import dev.guard.value.Result;
import java.io.IOException;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Serves a command while it runs: passes signals on to its group, follows it when it is stopped and
 * continued on a terminal, and waits for orphans that came back to guard.
 */
public final class SignalLoop {
  // The mark in a byte of the signal pipe: the kernel sent the signal, as for a key that was typed.
  private static final int FROM_KERNEL = 0x80;

  // The default of these signals is to do nothing, so they end no command that waits.
  private static final List<Integer> HARMLESS = List.of(Signals.URG, Signals.WINCH);

  // The kernel sends these signals for Guard's own sake alone: for its processor time.
  private static final List<Integer> ABOUT_GUARD = List.of(Signals.XCPU);

  private static final List<Integer> TYPED = List.of(Signals.INT, Signals.QUIT);
  private static final List<Integer> ENDING =
      List.of(Signals.HUP, Signals.INT, Signals.QUIT, Signals.TERM);

  private final Os os;
  private final OptionalInt signals;
  private final Optional<Terminal> terminal;
  private final Optional<JobControl> jobs;
  private final CommandHandle command;
  private final Endings endings;
  private final BitSet received = new BitSet();
  private volatile int group;
  private int endedGroup;
  private boolean hadTerminal;
  private int late;
  private OptionalLong killAt = OptionalLong.empty();

  /**
   * Says how signals end the command, beside what it does about them itself.
   *
   * @param hangupEnds whether HUP ends the command's tree, as its timeout would, after it was
   *     passed on
   * @param killAfter when the tree is killed after one of HUP, INT, QUIT and TERM; empty: never
   * @param foreground whether the command is in Guard's own process group, so that both get the
   *     signals of typed keys
   */
  public record Endings(boolean hangupEnds, Optional<Duration> killAfter, boolean foreground) {}

  /** Makes the loop for one command. */
  public SignalLoop(
      Os os,
      OptionalInt signals,
      Optional<Terminal> terminal,
      CommandHandle command,
      Endings endings)
      throws OsException {
    this.os = os;
    this.signals = signals;
    this.terminal = terminal;
    this.jobs =
        terminal.isPresent()
            ? Optional.of(new JobControl(os, terminal.get(), command))
            : Optional.empty();
    this.command = command;
    this.endings = endings;
  }

  /** Takes note of the held command: its group is known, and may get the terminal. */
  public void held(int pid) {
    group = pid;
    terminal.ifPresent(t -> t.held(pid));
  }

  /** Answers how long the rate limit held the command back. */
  public Duration waitedForStart() {
    return command.waitedForStart();
  }

  /** Serves the command until it has its result, and answers that. */
  public Result untilDone() throws IOException {
    if (signals.isPresent()) {
      int[] done = os.pipe();
      command.result().whenComplete((result, error) -> hangUp(done[1]));
      while (!handleUntil(done[0], millisUntilKill())) {
        if (millisUntilKill() == 0) {
          killAt = OptionalLong.empty();
          command.kill();
        }
      }
    }
    Result result = command.result().join();
    mainEnded();
    if (hadTerminal && !endedByItself(result)) {
      terminal.get().resetModes();
    }
    return result;
  }

  /** Answers how long it is until the command is killed; -1 when it never is. */
  private int millisUntilKill() {
    if (killAt.isEmpty()) {
      return -1;
    }
    long left = killAt.getAsLong() - System.nanoTime();
    // Rounded up: waking early would only mean another round.
    return left <= 0 ? 0 : (int) Math.min(left / 1_000_000 + 1, Integer.MAX_VALUE);
  }

  /**
   * Answers whether this signal ended the command because it was typed: then the terminal sent it
   * to the command's group, and not to Guard's, which would have got it too.
   */
  public boolean wasTyped(int signal) {
    return hadTerminal && TYPED.contains(signal) && !received.get(signal);
  }

  /**
   * Answers a signal to end that reached guard when there was no command any more to pass it on to.
   */
  public int late() throws IOException {
    if (signals.isPresent()) {
      handleUntil(signals.getAsInt(), 0);
    }
    return late;
  }

  /**
   * Handles the signals in the signal pipe, and answers whether the other descriptor is readable.
   */
  private boolean handleUntil(int other, int timeoutMillis) throws IOException {
    boolean[] ready = os.poll(new int[] {signals.getAsInt(), other}, timeoutMillis);
    if (ready[0]) {
      byte[] buffer = new byte[64];
      int count = os.read(signals.getAsInt(), buffer);
      for (int i = 0; i < count; i++) {
        handle(buffer[i] & ~FROM_KERNEL & 0xff, (buffer[i] & FROM_KERNEL) != 0);
      }
    }
    return ready[1];
  }

  /** Wakes whoever polls the other end: a write could fail, and nobody would ever wake. */
  private void hangUp(int descriptor) {
    try {
      os.close(descriptor);
    } catch (OsException e) {
      // Linux has closed it all the same, see close(2).
      return;
    }
  }

  private void handle(int signal, boolean fromKernel) throws IOException {
    try {
      switch (signal) {
        case Signals.CHLD -> {
          if (!fromKernel) {
            toGroup(signal);
          }
          children();
        }
        case Signals.CONT -> continued();
        case Signals.TSTP, Signals.TTIN, Signals.TTOU -> stopRequested(signal);
        default -> {
          if (!fromKernel || !reachesOnlyGuard(signal)) {
            passOn(signal);
          }
        }
      }
    } catch (OsException e) {
      // EPERM: the command has become another user's, as under sudo(8), and no signal of ours can
      // reach it. CONT can, inside a session.
      if (e.errno() != Errno.EPERM) {
        throw e;
      }
    }
  }

  /**
   * Answers whether a signal of the kernel is Guard's alone, or has reached the command already.
   */
  private boolean reachesOnlyGuard(int signal) {
    boolean typedToBoth = TYPED.contains(signal) || signal == Signals.WINCH;
    return ABOUT_GUARD.contains(signal) || (endings.foreground() && typedToBoth);
  }

  private void passOn(int signal) throws OsException {
    if (HARMLESS.contains(signal)) {
      toGroup(signal);
      return;
    }
    received.set(signal);
    if (group != 0 && group == endedGroup && ENDING.contains(signal)) {
      late = signal;
    }
    command.signal(signal);
    if (endings.hangupEnds() && signal == Signals.HUP) {
      command.cancel();
    }
    if (endings.killAfter().isPresent() && killAt.isEmpty() && ENDING.contains(signal)) {
      killAt = OptionalLong.of(System.nanoTime() + endings.killAfter().get().toNanos());
    }
  }

  private void toGroup(int signal) throws OsException {
    command.signalIfRunning(signal);
  }

  private void stopRequested(int signal) throws OsException {
    if (jobs.isPresent()) {
      jobs.get().stopRequested(signal);
    } else {
      toGroup(signal);
    }
  }

  private void continued() throws OsException {
    if (jobs.isPresent()) {
      jobs.get().continued();
    } else {
      toGroup(Signals.CONT);
    }
  }

  private void children() throws IOException {
    int main = group;
    if (main == 0) {
      return;
    }
    if (jobs.isPresent()) {
      OptionalInt stop = os.takeStop(main);
      if (stop.isPresent()) {
        jobs.get().stopped(stop.getAsInt());
      }
    }
    if (command.waitForOrphans()) {
      mainEnded();
    }
  }

  /**
   * Takes the terminal back at once and not with the result, so that keys typed from now on reach
   * Guard's group.
   */
  private void mainEnded() {
    endedGroup = group;
    if (terminal.isPresent()) {
      hadTerminal |= terminal.get().ended(endedGroup);
    }
  }

  private static boolean endedByItself(Result result) {
    return result.outcome() instanceof Outcome.Ran ran
        && !ran.cause().isTimeOver()
        && ran.status().isPresent()
        && ran.status().get().signal() == 0;
  }
}
