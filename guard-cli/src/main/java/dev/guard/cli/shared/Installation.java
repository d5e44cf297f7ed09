package dev.guard.cli.shared;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;

/** The folder that this guard is installed in. */
public final class Installation {
  private Installation() {}

  /** Its launcher, bin/guard. */
  public static Path guard() throws IOException {
    return library().resolveSibling("bin").resolve("guard").toRealPath();
  }

  /** What a tmux server of a session reads. */
  public static Path tmuxSettings() throws IOException {
    return library().resolve("session.tmux.conf").toRealPath();
  }

  /** The folder with the jar that this is in. */
  private static Path library() throws IOException {
    try {
      return Path.of(Installation.class.getProtectionDomain().getCodeSource().getLocation().toURI())
          .getParent();
    } catch (URISyntaxException e) {
      throw new IOException(e);
    }
  }
}
