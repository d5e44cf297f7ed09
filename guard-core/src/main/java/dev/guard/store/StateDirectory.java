package dev.guard.store;

import dev.guard.os.FileStatus;
import dev.guard.os.OwnFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Finds where a user's guards keep files that outlive a boot: {@code $XDG_STATE_HOME/guard}, or
 * {@code ~/.local/state/guard}, see the XDG Base Directory Specification.
 *
 * <p>A variable that leads to another's directory, as those that sudo -E leaves root, does not
 * count: what root makes there would lock its owner out, and what is there its owner can change.
 */
public final class StateDirectory {
  private static final int WRITABLE_BY_OTHERS = 022;
  private static final int WRITABLE_BY_ALL = 02;
  private static final int STICKY = 01000;

  private final int user;

  /** The user's home, which must be there and is never made; empty when there is none. */
  private final Optional<Path> home;

  private final Optional<Path> directory;

  private StateDirectory(int user, Optional<Path> home, Optional<Path> directory) {
    this.user = user;
    this.home = home;
    this.directory = directory;
  }

  /**
   * Chooses the directory by the environment.
   *
   * @param user the user id of this process
   * @param stateHome XDG_STATE_HOME, if it is set
   * @param homes the user's home directory, by HOME if it is set, and by passwd(5)
   */
  public static StateDirectory of(int user, Optional<String> stateHome, List<String> homes) {
    Optional<Path> home =
        homes.stream()
            .flatMap(h -> absolute(h).stream())
            .filter(h -> !isAnothers(user, h))
            .findFirst();
    Optional<Path> named =
        stateHome.flatMap(StateDirectory::absolute).filter(s -> !isAnothers(user, s));
    // Elsewhere than in the home it does not matter whether there is a home.
    Optional<Path> needed = home.filter(h -> named.isEmpty() || named.get().startsWith(h));
    Optional<Path> state = named.or(() -> home.map(h -> h.resolve(".local/state")));
    return new StateDirectory(user, needed, state.map(s -> s.resolve("guard")));
  }

  private static Optional<Path> absolute(String text) {
    try {
      return Optional.of(Path.of(text)).filter(Path::isAbsolute);
    } catch (InvalidPathException e) {
      // The variable holds bytes that Java can not name in this locale.
      return Optional.empty();
    }
  }

  /**
   * Tells whether a directory, or the first one above that is there, is neither this user's nor
   * root's.
   */
  private static boolean isAnothers(int user, Path directory) {
    try {
      Path there = directory;
      while (!Files.exists(there)) {
        there = there.getParent();
      }
      int owner = (int) Files.getAttribute(there, "unix:uid");
      return owner != user && owner != 0;
    } catch (IOException e) {
      return true;
    }
  }

  /**
   * Answers the directory, where it exists.
   *
   * @throws IOException with the reason and a remedy when what is there is not the user's alone
   */
  public Optional<Path> find() throws IOException {
    Optional<Path> found = directory.filter(d -> Files.exists(d, LinkOption.NOFOLLOW_LINKS));
    if (found.isPresent()) {
      check(found.get());
    }
    return found;
  }

  /** Makes the directory where it is missing; a home is never made. */
  public Path make() throws IOException {
    Path path =
        directory.orElseThrow(
            () -> new IOException("neither XDG_STATE_HOME nor HOME names a directory of yours"));
    if (home.isPresent()
        && FileStatus.followed(home.get()).filter(FileStatus::isDirectory).isEmpty()) {
      throw new IOException(
          "there is no home directory " + home.get() + "; make it, or set XDG_STATE_HOME");
    }
    if (FileStatus.of(path).isEmpty()) {
      Files.createDirectories(path.getParent());
      Files.createDirectories(path, StoreDirectory.PRIVATE);
    }
    check(path);
    return path;
  }

  /** Makes a directory below this one where it is missing, for this user alone. */
  public Path make(String name) throws IOException {
    Path path = make().resolve(name);
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      Files.createDirectories(path, StoreDirectory.PRIVATE);
    }
    OwnFiles.checkDirectory(user, path, WRITABLE_BY_OTHERS);
    return path;
  }

  /**
   * Refuses a directory that somebody else may replace: whoever may write the one above could put
   * another in its place.
   */
  private void check(Path path) throws IOException {
    Path above = path.getParent();
    FileStatus found =
        FileStatus.followed(above).orElseThrow(() -> new IOException("there is no " + above));
    if (found.user() != user && found.user() != 0) {
      throw new IOException(above + " belongs to user " + found.user() + "; set XDG_STATE_HOME");
    }
    if ((found.mode() & WRITABLE_BY_ALL) != 0 && (found.mode() & STICKY) == 0) {
      throw new IOException(above + " is open to others; chmod o-w it");
    }
    OwnFiles.checkDirectory(user, path, WRITABLE_BY_OTHERS);
  }
}
