package dev.guard.store;

import dev.guard.os.Os;
import dev.guard.os.OsException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * Knows the grammar of a command's id, and makes new ones. Anybody who can write an environment or
 * a file can write anything as an id, and files and lines are made of ids, so each is checked where
 * it is read.
 */
public final class CommandId {
  private static final Pattern FORM = Pattern.compile("[0-9a-f]{16}");
  private static final int BYTES = 8;

  private CommandId() {}

  /** Tells whether a text is an id. */
  public static boolean is(String text) {
    return FORM.matcher(text).matches();
  }

  /** Makes a new id, from the kernel itself: to start SecureRandom costs 10 ms. */
  public static String fresh(Os os) throws OsException {
    return HexFormat.of().formatHex(os.random(BYTES));
  }
}
