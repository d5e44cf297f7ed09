package dev.guard.exec.record;

import dev.guard.exec.admission.StoreDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where a user's guards keep what outlives a boot: {@code $XDG_STATE_HOME/guard}, or {@code
 * ~/.local/state/guard}, see the XDG Base Directory Specification.
 */
public final class StateDirectory {
  private final Optional<Path> directory;

  private StateDirectory(Optional<Path> directory) {
    this.directory = directory;
  }

  /**
   * By the environment.
   *
   * @param stateHome XDG_STATE_HOME, if it is set
   * @param home the user's home directory, if it is known
   */
  public static StateDirectory of(Optional<String> stateHome, Optional<String> home) {
    Optional<Path> state = stateHome.flatMap(StateDirectory::absolute);
    Optional<Path> ofHome = home.flatMap(StateDirectory::absolute);
    return new StateDirectory(
        state.or(() -> ofHome.map(h -> h.resolve(".local/state"))).map(d -> d.resolve("guard")));
  }

  private static Optional<Path> absolute(String text) {
    try {
      return Optional.of(Path.of(text)).filter(Path::isAbsolute);
    } catch (InvalidPathException e) {
      // Bytes that Java can not name in this locale.
      return Optional.empty();
    }
  }

  /** The directory, where it exists. */
  public Optional<Path> find() {
    return directory.filter(Files::isDirectory);
  }

  /** The directory, which is made where it is missing. */
  public Path make() throws IOException {
    Path path =
        directory.orElseThrow(
            () -> new IOException("neither XDG_STATE_HOME nor HOME names a directory"));
    if (!Files.isDirectory(path)) {
      Files.createDirectories(path.getParent());
      Files.createDirectories(path, StoreDirectory.PRIVATE);
    }
    return path;
  }
}
