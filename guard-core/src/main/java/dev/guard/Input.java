package dev.guard;

import dev.guard.os.OsString;
import dev.guard.value.CommandInput;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Names where the standard input of a command comes from. */
public final class Input {
  private final CommandInput source;

  private Input(CommandInput source) {
    this.source = source;
  }

  /**
   * Gives the command no input: it is at the end of its input at once. This is the default, since a
   * command that reads the terminal from a process group of its own is stopped by the kernel.
   */
  public static Input none() {
    return new Input(new CommandInput.Empty());
  }

  /** Shares the standard input of this program with the command. */
  public static Input inherit() {
    return new Input(new CommandInput.Inherit());
  }

  /**
   * Gives the command these bytes, copied, and then the end. A command that does not read them all
   * is no error.
   */
  public static Input bytes(byte[] bytes) {
    return new Input(new CommandInput.Bytes(bytes.clone()));
  }

  /** Gives the command this text as UTF-8, and then the end. */
  public static Input text(String text) {
    return new Input(new CommandInput.Bytes(text.getBytes(StandardCharsets.UTF_8)));
  }

  /**
   * Gives the command what this file holds. The file is opened when the command is launched; where
   * that fails the command does not run, with the cause {@link Cause#GUARD_ERROR}.
   *
   * @param file seen from this program's directory if it is relative
   */
  public static Input file(Path file) {
    return new Input(new CommandInput.File(OsString.of(file.toAbsolutePath().toString())));
  }

  CommandInput source() {
    return source;
  }
}
