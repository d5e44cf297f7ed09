package dev.guard.launch;

import dev.guard.os.Errno;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import java.io.IOException;

/** Stands for the process of a lifeline, a child that is waited for here and nowhere else. */
final class LifelineProcess {
  private static final int WITHOUT_PIDFD_MILLIS = 10;

  private final Os os;
  private final int pid;
  private final int pidfd;

  /**
   * Takes a child that nobody has waited for.
   *
   * @param pidfd a pidfd of the child, which is closed with its end; -1 where there is none
   */
  LifelineProcess(Os os, int pid, int pidfd) {
    this.os = os;
    this.pid = pid;
    this.pidfd = pidfd;
  }

  int pid() {
    return pid;
  }

  /**
   * Tells whether the process ends in this time, -1: for ever. An ended one stays a child that has
   * to be waited for.
   */
  boolean endsWithin(int millis) throws OsException {
    if (pidfd >= 0) {
      return os.poll(new int[] {pidfd}, millis)[0];
    }
    long deadline = System.nanoTime() + millis * 1_000_000L;
    boolean over = os.childHasEnded(pid);
    while (!over && (millis < 0 || System.nanoTime() < deadline)) {
      os.poll(new int[0], WITHOUT_PIDFD_MILLIS);
      over = os.childHasEnded(pid);
    }
    return over;
  }

  /**
   * Waits for the process's end: this time, and where that is too short, or 0, on a thread of its
   * own.
   */
  void awaitEnd(int millis) throws IOException {
    boolean over = false;
    try {
      over = millis > 0 && endsWithin(millis);
    } finally {
      if (over) {
        waitFor(0);
      } else {
        // The lifeline is still ending a tree. A JVM that lives on has to wait for its child some
        // day.
        Thread waiter = new Thread(this::waitForEver, "guard-lifeline-" + pid);
        waiter.setDaemon(true);
        waiter.start();
      }
    }
  }

  private void waitForEver() {
    try {
      waitFor(-1);
    } catch (IOException e) {
      // Nobody is left to tell; the lifeline stays a zombie until this process ends.
      return;
    }
  }

  private void waitFor(int millis) throws IOException {
    try {
      endsWithin(millis);
    } finally {
      try {
        if (pidfd >= 0) {
          os.close(pidfd);
        }
      } finally {
        waitForIt();
      }
    }
  }

  private void waitForIt() throws IOException {
    try {
      os.waitNoHang(pid);
    } catch (OsException e) {
      if (e.errno() != Errno.ECHILD) {
        throw e;
      }
      // The child was waited for already, by code that waits for all children of this process.
    }
  }
}
