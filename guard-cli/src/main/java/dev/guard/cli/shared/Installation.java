package dev.guard.cli.shared;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;

/** Finds the files in the folder that this guard is installed in. */
public final class Installation {
  private Installation() {}

  /** Answers the folder that guard is installed in. */
  public static Path folder() throws IOException {
    return library().resolveSibling("").toRealPath();
  }

  /** Answers the path of the launcher, bin/guard. */
  public static Path guard() throws IOException {
    return library().resolveSibling("bin").resolve("guard").toRealPath();
  }

  /** Answers the file that a tmux server of a session reads. */
  public static Path tmuxSettings() throws IOException {
    return library().resolve("session.tmux.conf").toRealPath();
  }

  /** Answers the version of guard. */
  public static String version() {
    String version = Installation.class.getPackage().getImplementationVersion();
    return version == null ? "(not packaged)" : version;
  }

  /** Answers the folder of the jar that this class is in. */
  private static Path library() throws IOException {
    try {
      return Path.of(Installation.class.getProtectionDomain().getCodeSource().getLocation().toURI())
          .getParent();
    } catch (URISyntaxException e) {
      throw new IOException(e);
    }
  }
}
