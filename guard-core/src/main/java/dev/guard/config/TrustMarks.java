package dev.guard.config;

import dev.guard.os.DescriptorCalls;
import dev.guard.os.Errno;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.OsString;
import dev.guard.os.RawFiles;
import dev.guard.value.Environment;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Keeps the marks of trusted files in the directory {@code guard/trusted} of the user's state. A
 * mark has a hash for a name, and holds that hash and the name of the trusted file.
 */
final class TrustMarks {
  private static final int MOST_BYTES = 8192;
  private static final int HASH = 64;
  private static final int PRIVATE = 0700;

  private final Os os;
  private final Optional<OsString> home;
  private final Optional<OsString> directory;

  /**
   * Marks one file as trusted.
   *
   * @param hash the hash of the file's name and bytes
   */
  record Mark(OsString hash, OsString file) {
    private byte[] text() {
      return hash.concat(OsString.of(" ")).concat(file).concat(OsString.of("\n")).bytes();
    }
  }

  TrustMarks(Os os, Environment environment) {
    this.os = os;
    Optional<OsString> state = environment.get("XDG_STATE_HOME").filter(x -> x.indexOf('/') == 0);
    this.home = state.isPresent() ? Optional.empty() : ConfigLoader.home(environment);
    this.directory =
        state
            .or(() -> home.map(h -> h.concat(OsString.of("/.local/state"))))
            .map(x -> x.concat(OsString.of("/guard/trusted")));
  }

  /** Tells whether there is this mark, and this user has made it. */
  boolean has(Mark mark) {
    return directory.isPresent() && find(mark.hash()).filter(mark::equals).isPresent();
  }

  /** Lists all marks that this user has made. */
  List<Mark> all() throws IOException {
    List<Mark> all = new ArrayList<>();
    int fd;
    try {
      fd = os.open(directory.orElseThrow(TrustMarks::noPlace), DescriptorCalls.Open.PATH, 0);
    } catch (OsException e) {
      if (RawFiles.isNoFile(e)) {
        return all;
      }
      throw e;
    }
    // The owner is asked of the descriptor, since Java can not name every directory.
    try (DirectoryStream<Path> names = Files.newDirectoryStream(Path.of("/proc/self/fd/" + fd))) {
      for (Path name : names) {
        find(OsString.of(name.getFileName().toString())).ifPresent(all::add);
      }
    } finally {
      os.close(fd);
    }
    return all;
  }

  private Optional<Mark> find(OsString hash) {
    if (hash.length() != HASH) {
      return Optional.empty();
    }
    try {
      boolean isOwn = RawFiles.owner(os, path(hash), DescriptorCalls.Open.NOFOLLOW) == os.userId();
      return isOwn
          ? RawFiles.read(os, path(hash), MOST_BYTES).flatMap(text -> parse(hash, text))
          : Optional.empty();
    } catch (IOException e) {
      // The mark is not there, or is something else: then no file is trusted by it.
      return Optional.empty();
    }
  }

  private static Optional<Mark> parse(OsString hash, byte[] text) {
    if (text.length < HASH + 2) {
      return Optional.empty();
    }
    OsString file = OsString.ofBytes(Arrays.copyOfRange(text, HASH + 1, text.length - 1));
    return Optional.of(new Mark(hash, file)).filter(m -> Arrays.equals(text, m.text()));
  }

  /** Adds a mark, whole or not at all, and removes all others of the file. */
  void put(Mark mark) throws IOException {
    OsString fresh = makeDirectory().concat(OsString.of("/.new-" + os.pid()));
    RawFiles.replace(os, path(mark.hash()), fresh, mark.text());
    for (Mark old : all()) {
      if (old.file().equals(mark.file()) && !old.equals(mark)) {
        remove(old);
      }
    }
  }

  /** Removes a mark. A second call has no effect. */
  void remove(Mark mark) throws IOException {
    RawFiles.remove(os, path(mark.hash()));
  }

  private OsString path(OsString hash) {
    return directory.orElseThrow().concat(OsString.of("/")).concat(hash);
  }

  private static IOException noPlace() {
    return new IOException(
        "neither XDG_STATE_HOME nor HOME is set, and what is trusted is kept there; set one");
  }

  /**
   * Makes the directory of marks where it is missing, but never a home, and nothing in another
   * user's directory.
   */
  private OsString makeDirectory() throws IOException {
    OsString place = directory.orElseThrow(TrustMarks::noPlace);
    if (home.isPresent() && !os.isDirectory(home.get())) {
      throw new IOException("HOME: " + home.get() + " is no directory; set it to your own");
    }
    checkOwner(place);
    OsString state = place.slice(0, place.lastIndexOf('/'));
    RawFiles.makeDirectories(os, state.slice(0, state.lastIndexOf('/')));
    for (OsString own : List.of(state, place)) {
      try {
        os.makeDirectory(own, PRIVATE);
      } catch (OsException e) {
        if (e.errno() != Errno.EEXIST) {
          throw e;
        }
      }
    }
    return place;
  }

  /**
   * Refuses a directory in another user's home, which sudo -E leaves root: its owner could not
   * change the file any more.
   */
  private void checkOwner(OsString place) throws IOException {
    for (OsString at : Trust.upwards(place)) {
      try {
        int owner = RawFiles.owner(os, at, 0);
        if (owner != os.userId()) {
          throw new IOException(
              at + " belongs to user " + owner + "; set HOME to a directory of your own");
        }
        return;
      } catch (OsException e) {
        if (e.errno() != Errno.ENOENT) {
          throw e;
        }
      }
    }
  }
}
