package dev.guard;

import dev.guard.os.OsString;
import dev.guard.value.CommandInput;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Where the standard input of a command comes from. */
public final class Input {
  private final CommandInput source;

  private Input(CommandInput source) {
    this.source = source;
  }

  /**
   * Nothing: the command is at the end of its input at once. This is the default, since a command
   * that reads the terminal from a process group of its own is stopped by the kernel.
   */
  public static Input none() {
    return new Input(new CommandInput.Empty());
  }

  /** The standard input of this program, shared with it. */
  public static Input inherit() {
    return new Input(new CommandInput.Inherit());
  }

  /** These bytes, copied, and then the end. A command that does not read them all is no error. */
  public static Input bytes(byte[] bytes) {
    return new Input(new CommandInput.Bytes(bytes.clone()));
  }

  /** This text as UTF-8, and then the end. */
  public static Input text(String text) {
    return new Input(new CommandInput.Bytes(text.getBytes(StandardCharsets.UTF_8)));
  }

  /**
   * What this file holds. It is opened when the command is launched; where that fails the command
   * does not run, with the cause {@link Cause#GUARD_ERROR}.
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
