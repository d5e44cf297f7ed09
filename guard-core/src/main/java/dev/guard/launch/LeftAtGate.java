package dev.guard.launch;

import java.io.IOException;
import java.util.function.Consumer;

/**
 * Stands for a process that waits for good before its exec, since it could be neither released nor
 * ended, e.g. for want of a descriptor. The process runs nothing, and its end can be tried again.
 */
public interface LeftAtGate {
  /**
   * Tries to end the process, for a second when it is stopped.
   *
   * @throws IOException when the process is still there
   */
  void end() throws IOException;

  /**
   * Ends the process, or hands it over where that fails.
   *
   * @param left takes it then
   * @param first the failure that came before, which is told of; this one is added to it
   */
  default void endOrLeave(Consumer<LeftAtGate> left, Throwable first) {
    boolean ended = false;
    try {
      end();
      ended = true;
    } catch (IOException e) {
      first.addSuppressed(e);
    } finally {
      if (!ended) {
        left.accept(this);
      }
    }
  }
}
