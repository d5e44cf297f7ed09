package dev.guard.cli.shared;

import dev.guard.os.OsString;
import java.util.Optional;

/** Knows paths that mean another file in another directory. */
public final class RelativePaths {
  private RelativePaths() {}

  /** Tells whether it is one; the empty path is none, since it names nothing. */
  public static boolean is(OsString path) {
    return path.length() > 0 && path.indexOf('/') != 0;
  }

  /** Tells whether there is a path, and it is one. */
  public static boolean is(Optional<OsString> path) {
    return path.isPresent() && is(path.get());
  }
}
