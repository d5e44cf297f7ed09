package dev.guard.cgroup;

import java.io.IOException;

/** Says that a service manager has not moved a held process, which so has no limits. */
public final class NotMovedException extends IOException {
  private static final long serialVersionUID = 1L;

  NotMovedException(IOException cause) {
    super(cause.getMessage(), cause);
  }
}
