package dev.guard.launch;

import dev.guard.launch.HeldWord.What;
import dev.guard.os.Errno;
import dev.guard.os.MainProcess;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.OsString;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A process that waits in the native program of {@link HeldLaunch} for its release. */
final class HeldProcess implements Held, LeftAtGate {
  private static final CompletableFuture<Integer> NOBODY_ELSE_WAITS =
      CompletableFuture.completedFuture(0);
  // So long, at most, an exec that hangs goes on to be waited for after the wait was cancelled.
  private static final int CANCEL_MILLIS = 20;
  private static final byte[] RELEASE = {1};

  private final Os os;
  private final OsString name;
  private final MainProcess main;
  private final boolean asScript;
  private int control;
  private What heard = What.HELD;
  private boolean settled;

  /**
   * Takes a process that was just made.
   *
   * @param control the socket to it; -1: it was closed
   */
  HeldProcess(Os os, OsString name, MainProcess main, int control, boolean asScript) {
    this.os = os;
    this.name = name;
    this.main = main;
    this.control = control;
    this.asScript = asScript;
  }

  @Override
  public MainProcess main() {
    return main;
  }

  @Override
  public boolean asScript() {
    return asScript;
  }

  /** Waits until it says that it is held, or why it is not where it should be. */
  void hear(int patienceMillis) throws IOException {
    Optional<HeldWord> word =
        os.poll(new int[] {control}, patienceMillis)[0] ? next() : Optional.empty();
    if (word.isEmpty()) {
      throw new IOException("process " + pid() + " ended, or stood still, before it was held");
    }
    heard = word.get().what();
  }

  What heard() {
    return heard;
  }

  /** Reads what it says next; empty: nothing more, since it has executed its program, or died. */
  private Optional<HeldWord> next() throws OsException {
    byte[] bytes = new byte[HeldWord.SIZE];
    try {
      // It writes so few bytes at once.
      return os.read(control, bytes) == bytes.length
          ? Optional.of(HeldWord.of(bytes))
          : Optional.empty();
    } catch (OsException e) {
      if (e.errno() == Errno.ECONNRESET) {
        // It was killed before it had read its release, see unix(7).
        return Optional.empty();
      }
      throw e;
    }
  }

  @Override
  public boolean release(Duration patience, CompletableFuture<?> cancelled)
      throws IOException, NotExecutedException {
    if (settled) {
      throw new IllegalStateException(name + " was released or abandoned before");
    }
    settled = true;
    try {
      os.write(control, RELEASE);
    } catch (OsException e) {
      if (e.errno() != Errno.EPIPE) {
        throw e;
      }
      // Somebody has killed it, which its status tells.
    }
    if (!saysSomething(patience, cancelled)) {
      return false;
    }
    Optional<HeldWord> failure = next();
    if (failure.isEmpty()) {
      return true;
    }
    kill();
    throw NotExecutedException.of(name, failure.get().errno());
  }

  private boolean saysSomething(Duration patience, CompletableFuture<?> cancelled)
      throws OsException {
    long until = System.nanoTime() + patience.toNanos();
    int[] said = {control};
    while (!os.poll(said, CANCEL_MILLIS)[0]) {
      if (cancelled.isDone() || System.nanoTime() - until >= 0) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void abandon() throws IOException {
    if (!settled) {
      settled = true;
      kill();
    }
  }

  @Override
  public void end() throws IOException {
    kill();
    close();
  }

  private void kill() throws IOException {
    SpawnHeld.kill(main, NOBODY_ELSE_WAITS);
  }

  @Override
  public void close() throws IOException {
    try {
      if (control >= 0) {
        int closing = control;
        control = -1;
        os.close(closing);
      }
    } finally {
      main.close();
    }
  }
}
