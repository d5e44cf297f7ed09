package dev.guard.value;

import dev.guard.os.OsString;

/** Names the source of a command's standard input. */
public sealed interface CommandInput {
  /** The command shares Guard's own standard input. */
  record Inherit() implements CommandInput {}

  /** The command gets no descriptor at all, as by a shell's {@code <&-}. */
  record Closed() implements CommandInput {}

  /** The command reads a file, opened when it is launched. */
  record File(OsString path) implements CommandInput {}

  /** The command reads nothing: /dev/null. */
  record Empty() implements CommandInput {}

  /**
   * The command reads these bytes, then the end of the file. A command that does not read them all
   * is no error.
   *
   * @param bytes not copied; do not change them while the command runs
   */
  record Bytes(@SuppressWarnings("ArrayRecordComponent") byte[] bytes) implements CommandInput {}
}
