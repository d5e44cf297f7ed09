package dev.guard.value;

import dev.guard.os.OsString;

/** Names the source of a command's standard input. */
public sealed interface CommandInput {
  /** Guard's own standard input, shared with it. */
  record Inherit() implements CommandInput {}

  /** No descriptor at all, as a shell's {@code <&-} has it. */
  record Closed() implements CommandInput {}

  /** A file, opened when the command is launched. */
  record File(OsString path) implements CommandInput {}

  /** Nothing: /dev/null. */
  record Empty() implements CommandInput {}

  /**
   * These bytes, then the end of the file. A command that does not read them all is no error.
   *
   * @param bytes not copied; do not change them while the command runs
   */
  record Bytes(@SuppressWarnings("ArrayRecordComponent") byte[] bytes) implements CommandInput {}
}
