package dev.guard.value;

import dev.guard.os.OsString;
import java.io.OutputStream;

/** Names the target of a command's standard output or error. */
public sealed interface CommandOutput {
  /** The output goes to Guard's own, shared with it. */
  record Inherit() implements CommandOutput {}

  /** The command gets no descriptor at all, as by a shell's {@code >&-}. */
  record Closed() implements CommandOutput {}

  /** The output goes nowhere: /dev/null. */
  record Discard() implements CommandOutput {}

  /**
   * The output goes into the result. Bytes that exceed the limit are read, counted and dropped, so
   * that the command never blocks on them.
   *
   * @param limit bytes to keep, 0 or more
   */
  record Capture(int limit) implements CommandOutput {
    /** Refuses a negative limit. */
    public Capture {
      if (limit < 0) {
        throw new IllegalArgumentException("limit: " + limit + " is less than 0");
      }
    }
  }

  /**
   * The output goes to a stream, from one thread, as it comes. The stream is flushed but not
   * closed. A stream that throws gets no more; the command goes on and the rest is dropped.
   */
  record Stream(OutputStream to) implements CommandOutput {}

  /**
   * The output goes to a file, opened when the command is launched, and made if need be.
   *
   * @param append whether the output goes to the end of the file; else it takes the place of its
   *     contents
   */
  record File(OsString path, boolean append) implements CommandOutput {}

  /**
   * The output goes to the log of a Guard for a detached command; both outputs in the order of
   * their writes.
   */
  record Log() implements CommandOutput {}
}
