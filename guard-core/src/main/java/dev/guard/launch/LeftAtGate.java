package dev.guard.launch;

import java.io.IOException;

/**
 * A process that waits at its gate for good, since the gate could not be opened to let it fail,
 * e.g. for want of a descriptor. It runs nothing, and its end can be tried again.
 */
public interface LeftAtGate {
  /**
   * Tries to end it, for a second when it is stopped.
   *
   * @throws IOException when it is there still
   */
  void end() throws IOException;
}
