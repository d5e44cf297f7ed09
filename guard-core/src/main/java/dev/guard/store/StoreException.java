package dev.guard.store;

import java.io.IOException;

/** What guards share can not be read or written; the message says where, why, and what to do. */
public final class StoreException extends IOException {
  private static final long serialVersionUID = 1L;

  public StoreException(String message, Throwable cause) {
    super(message, cause);
  }
}
