package dev.guard.value;

import dev.guard.os.OsString;
import java.io.OutputStream;

/** Where a command's standard output or error goes. */
public sealed interface CommandOutput {
  /** To Guard's own, shared with it. */
  record Inherit() implements CommandOutput {}

  /** No descriptor at all, as a shell's {@code >&-} has it. */
  record Closed() implements CommandOutput {}

  /** Nowhere: /dev/null. */
  record Discard() implements CommandOutput {}

  /**
   * Into the result. What exceeds the limit is read, counted and dropped, so that the command never
   * blocks on it.
   *
   * @param limit bytes to keep, 0 or more
   */
  record Capture(int limit) implements CommandOutput {
    /** Checks. */
    public Capture {
      if (limit < 0) {
        throw new IllegalArgumentException("limit: " + limit + " is less than 0");
      }
    }
  }

  /**
   * To a stream, from one thread, as it comes. It is flushed but not closed. A stream that throws
   * gets no more; the command goes on and the rest is dropped.
   */
  record Stream(OutputStream to) implements CommandOutput {}

  /**
   * To a file, opened when the command is launched, and made if need be.
   *
   * @param append at its end; else in the place of what it holds
   */
  record File(OsString path, boolean append) implements CommandOutput {}

  /** To the log of a Guard for a detached command; both outputs in the order of their writes. */
  record Log() implements CommandOutput {}
}
