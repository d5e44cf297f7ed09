package dev.guard.gateway;

import java.io.IOException;

/** Serves a call of {@code guard} that a shim has announced. */
@FunctionalInterface
public interface CallHandler {
  /**
   * Begins to serve it, on a thread that may wait. It ends with {@link ShimConnection#decline} or
   * {@link ShimConnection#result}.
   *
   * @throws IOException when that can not be done; the shim finds another way
   */
  void serve(ShimConnection shim, Hello hello) throws IOException;

  /** Tells how many commands live that were served here. */
  default int live() {
    return 0;
  }

  /**
   * Does what there is to do without a call: it is called about once a second, on the thread that
   * reads; must not wait.
   */
  default void look() {}

  /** Names the version of guard that serves. */
  default String version() {
    return "";
  }
}
