package dev.guard.store;

import java.io.IOException;

/** Says that files which guards share can not be used: which, why, and what to do. */
public final class StoreException extends IOException {
  private static final long serialVersionUID = 1L;

  public StoreException(String message, Throwable cause) {
    super(message, cause);
  }
}
