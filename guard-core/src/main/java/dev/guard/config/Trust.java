package dev.guard.config;

import dev.guard.os.Os;
import dev.guard.os.OsString;
import dev.guard.os.RawFiles;
import dev.guard.value.Environment;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Knows which projects' files the user has read and trusts, each with its bytes: when these change,
 * the file is trusted no more.
 *
 * <p>This is against a file that was checked out, not against a program of the same user, which can
 * write whatever the user can. The ceiling in the system's file is for that.
 */
public final class Trust {
  private final Os os;
  private final Optional<OsString> ofHome;
  private final TrustMarks marks;

  /** Opens the trust of the user whose variables these are. */
  public Trust(Os os, Environment environment) {
    this.os = os;
    this.ofHome = ConfigLoader.home(environment).map(h -> h.concat(ConfigLoader.CLAUDEX_FILE));
    this.marks = new TrustMarks(os, environment);
  }

  /** Says how a file has changed since it was trusted. */
  public enum TrustState {
    /** The file's bytes are those that were trusted. */
    TRUSTED,
    /** The file's bytes are others now, and it does not count as the user's own. */
    CHANGED,
    /** The file is not there, or can not be read. */
    GONE
  }

  /** Names a file that was trusted, and how it has changed since. */
  public record Trusted(OsString file, TrustState state) {}

  /** Tells whether the user has trusted this file with these bytes. */
  boolean isGiven(OsString file, byte[] bytes) {
    return marks.has(mark(file, bytes));
  }

  /**
   * Trusts the files of the nearest project at or above a directory, with the bytes that they have.
   *
   * @param directory an absolute name without links
   * @return their names
   * @throws IOException with the reason where there is no project, or the trust can not be kept
   */
  public List<OsString> give(OsString directory) throws IOException {
    for (OsString at : upwards(directory)) {
      List<OsString> given = new ArrayList<>();
      for (OsString file : names(at)) {
        Optional<byte[]> bytes = bytes(file);
        if (bytes.isPresent() && !ofHome.equals(Optional.of(file))) {
          marks.put(mark(file, bytes.get()));
          given.add(file);
        }
      }
      if (!given.isEmpty()) {
        return given;
      }
    }
    throw new IOException(
        "there is no .guard/config.toml and no .claudex/config.toml at or above "
            + directory
            + "; name the directory of a project");
  }

  /**
   * Ends the trust in the nearest project at or above a directory, which need not be there any
   * more.
   *
   * @param directory an absolute name
   * @return the names of the files that were trusted
   */
  public List<OsString> undo(OsString directory) throws IOException {
    List<TrustMarks.Mark> all = marks.all();
    for (OsString at : upwards(directory)) {
      List<OsString> undone = new ArrayList<>();
      for (TrustMarks.Mark mark : all) {
        if (names(at).contains(mark.file())) {
          marks.remove(mark);
          undone.add(mark.file());
        }
      }
      if (!undone.isEmpty()) {
        return undone;
      }
    }
    return List.of();
  }

  /** Lists all files that were trusted, and how each has changed since. */
  public List<Trusted> list() throws IOException {
    List<Trusted> list = new ArrayList<>();
    for (TrustMarks.Mark mark : marks.all()) {
      list.add(new Trusted(mark.file(), state(mark)));
    }
    return list;
  }

  private TrustState state(TrustMarks.Mark mark) {
    try {
      return bytes(mark.file())
          .map(b -> mark(mark.file(), b).equals(mark) ? TrustState.TRUSTED : TrustState.CHANGED)
          .orElse(TrustState.GONE);
    } catch (IOException e) {
      return TrustState.GONE;
    }
  }

  private Optional<byte[]> bytes(OsString file) throws IOException {
    try {
      return RawFiles.read(os, file, ConfigLoader.MAX_FILE_BYTES);
    } catch (IOException e) {
      throw new IOException(file + ": " + ConfigLoader.unreadable(e), e);
    }
  }

  /** Names the files that a project may have. */
  private static List<OsString> names(OsString directory) {
    OsString at = directory.length() == 1 ? OsString.of("") : directory;
    return List.of(at.concat(ConfigLoader.GUARD_FILE), at.concat(ConfigLoader.CLAUDEX_FILE));
  }

  /** Lists a directory and all above it, by an absolute name. */
  static List<OsString> upwards(OsString directory) {
    List<OsString> all = new ArrayList<>();
    for (OsString at = directory; at.length() > 1; at = at.slice(0, at.lastIndexOf('/'))) {
      all.add(at);
    }
    all.add(OsString.of("/"));
    return all;
  }

  private static TrustMarks.Mark mark(OsString file, byte[] bytes) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(file.bytes());
      // No file's name holds this byte.
      digest.update((byte) 0);
      StringBuilder hash = new StringBuilder();
      for (byte b : digest.digest(bytes)) {
        hash.append(Character.forDigit(b >> 4 & 15, 16)).append(Character.forDigit(b & 15, 16));
      }
      return new TrustMarks.Mark(OsString.of(hash.toString()), file);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
  }
}
