package dev.guard.session;

import dev.guard.os.Os;
import dev.guard.os.OwnFiles;
import dev.guard.os.Procfs;
import dev.guard.store.FileLock;
import dev.guard.store.StoreDirectory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Keeps the files of a user's sessions, in the directory that the user's guards share: {@code
 * sessions/NAME.json}, the socket {@code NAME.sock} of its tmux server, and while it is started or
 * stopped {@code NAME.lock} and {@code NAME.told}.
 */
public final class SessionFiles {
  /** The most bytes in the address of a socket, see unix(7). */
  private static final int LONGEST_SOCKET = 107;

  /** The most bytes of a file; words and environment have at most two million, see execve(2). */
  private static final int LARGEST = 16 << 20;

  private static final String SPEC = ".json";
  private static final String SHARED = "shared";
  private static final Pattern OF_SESSION =
      Pattern.compile("([A-Za-z0-9].*?)(\\.json|\\.told|\\.sock|\\.lock)(\\.new)?");

  private final Os os;
  private final Procfs procfs;
  private final Path directory;

  private SessionFiles(Os os, Procfs procfs, Path directory) {
    this.os = os;
    this.procfs = procfs;
    this.directory = directory;
  }

  /**
   * Finds the files of this process's user.
   *
   * @param runtimeDirectory XDG_RUNTIME_DIR, if it is set
   */
  public static SessionFiles ofUser(Os os, Procfs procfs, Optional<String> runtimeDirectory)
      throws IOException {
    return in(os, procfs, StoreDirectory.find(os, procfs, runtimeDirectory));
  }

  /** Finds the files in this store. */
  static SessionFiles in(Os os, Procfs procfs, Path store) {
    return new SessionFiles(os, procfs, store.resolve("sessions"));
  }

  /** Finds the files that the file of a session is one of. */
  public static SessionFiles beside(Os os, Procfs procfs, Path spec) {
    return new SessionFiles(os, procfs, spec.getParent());
  }

  /** Names the file of a session. */
  public Path spec(String name) {
    return file(name, SPEC);
  }

  /** Refuses a name that would make a path of elsewhere. */
  private Path file(String name, String suffix) {
    if (!Session.isName(name)) {
      throw new IllegalArgumentException("no session can be called " + name);
    }
    return directory.resolve(name + suffix);
  }

  /** Names the socket of the session's server. */
  Path socket(boolean shared, String name) {
    // A session may be called "shared" too; its socket has no dot before the name.
    return shared ? directory.resolve("." + SHARED + ".sock") : file(name, ".sock");
  }

  private Path result(String name) {
    return file(name, ".told");
  }

  /** Fails when the path of the session's socket would be longer than the kernel takes. */
  public void check(String name, boolean shared) throws IOException {
    int length = socket(shared, name).toString().getBytes(StandardCharsets.UTF_8).length;
    if (length > LONGEST_SOCKET) {
      throw new IOException(
          "the path of its socket would have "
              + length
              + " bytes, and the kernel takes "
              + LONGEST_SOCKET
              + "; choose a shorter name");
    }
  }

  /** Does something while no other guard starts or stops the session of this name. */
  public <T> T locked(String name, FileLock.LockedAnswer<T> work) throws IOException {
    return locked(file(name, ".lock"), work);
  }

  /**
   * Does something while no other guard starts the server for all sessions, or one on it. A guard
   * that takes both locks takes that of the name first.
   */
  <T> T lockedShared(FileLock.LockedAnswer<T> work) throws IOException {
    return locked(directory.resolve("." + SHARED + ".lock"), work);
  }

  private <T> T locked(Path lock, FileLock.LockedAnswer<T> work) throws IOException {
    return new FileLock(os, procfs)
        .hold(
            lock,
            () -> {
              try {
                return work.run();
              } finally {
                Files.deleteIfExists(lock);
              }
            });
  }

  /** Does something if no other guard starts or stops the session, and else nothing. */
  void ifFree(String name, FileLock.LockedAction step) throws IOException {
    Path lock = file(name, ".lock");
    new FileLock(os, procfs)
        .tryHold(
            lock,
            () -> {
              try {
                step.run();
              } finally {
                Files.deleteIfExists(lock);
              }
            });
  }

  // ---- sessions

  /** Writes a session's file; nobody but the user can read it, since its environment is in it. */
  void put(Session s) throws IOException {
    replace(spec(s.name()), SessionJson.format(s));
  }

  private void replace(Path file, String text) throws IOException {
    StoreDirectory.makeMissing(os, directory);
    OwnFiles.replace(os, file, fresh(file), text.getBytes(StandardCharsets.UTF_8));
  }

  private static Path fresh(Path file) {
    return file.resolveSibling(file.getFileName() + ".new");
  }

  /**
   * Reads the session of a file; empty when the file is not there.
   *
   * @throws OwnFiles.UnusableException when the file is no session's, or was written by a newer
   *     guard
   */
  public static Optional<Session> read(Os os, Path file) throws IOException {
    try {
      return Optional.of(SessionJson.parse(file, SPEC, OwnFiles.readText(os, file, LARGEST)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** Lists the names of sessions that have files, also those of a start that was killed. */
  Set<String> names() throws IOException {
    Set<String> names = new TreeSet<>();
    for (Path file : OwnFiles.list(os, directory)) {
      Matcher name = OF_SESSION.matcher(file.getFileName().toString());
      if (name.matches()) {
        names.add(name.group(1));
      }
    }
    return names;
  }

  /** Forgets a session, with the socket of its own server, which must have ended. */
  void remove(String name) throws IOException {
    for (Path file : List.of(spec(name), result(name))) {
      Files.deleteIfExists(file);
      Files.deleteIfExists(fresh(file));
    }
    Files.deleteIfExists(socket(false, name));
  }

  // ---- what came of a start

  /** Writes the result of a session's start for the guard that waits for it, once. */
  public void putResult(String name, StartResult result) throws IOException {
    if (Files.exists(spec(name))) {
      replace(result(name), SessionJson.format(result));
    }
  }

  /** Takes the result of a start, and forgets it; empty when there is none yet. */
  public Optional<StartResult> takeResult(String name) throws IOException {
    Path file = result(name);
    try {
      String text = OwnFiles.readText(os, file, LARGEST);
      StartResult result = SessionJson.parseResult(file, text);
      Files.delete(file);
      return Optional.of(result);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }
}
