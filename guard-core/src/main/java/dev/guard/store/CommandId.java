package dev.guard.store;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The grammar of a command's id. Whoever can write an environment or a file can write anything as
 * an id, and files and lines are made of ids, so each is checked where it is read.
 */
public final class CommandId {
  private static final Pattern FORM = Pattern.compile("[0-9a-f]{16}");

  private CommandId() {}

  /** Whether a text is an id. */
  public static boolean is(String text) {
    return FORM.matcher(text).matches();
  }

  /** The id of the command that this process was started in, by its environment. */
  public static Optional<String> inherited() {
    return Optional.ofNullable(System.getenv("GUARD_ID")).filter(CommandId::is);
  }
}
