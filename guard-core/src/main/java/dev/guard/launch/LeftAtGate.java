package dev.guard.launch;

import java.io.IOException;

/**
 * Stands for a process that waits at its gate for good, since the gate could not be opened to let
 * it fail, e.g. for want of a descriptor. The process runs nothing, and its end can be tried again.
 */
public interface LeftAtGate {
  /**
   * Tries to end the process, for a second when it is stopped.
   *
   * @throws IOException when the process is still there
   */
  void end() throws IOException;
}
