package dev.guard.cli;

import java.util.concurrent.locks.LockSupport;

/** Starts threads for as long as it lives, whether or not the kernel refuses them. */
final class ThreadBomb {
  private ThreadBomb() {}

  /** The bomb. */
  public static void main(String[] arguments) {
    while (true) {
      try {
        Thread thread = new Thread(null, LockSupport::park, "bomb", 64 * 1024);
        thread.setDaemon(true);
        thread.start();
      } catch (OutOfMemoryError refused) {
        Thread.onSpinWait();
      }
    }
  }
}
