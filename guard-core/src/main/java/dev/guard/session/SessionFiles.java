package dev.guard.session;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.stream.JsonWriter;
import dev.guard.os.Os;
import dev.guard.os.OsString;
import dev.guard.os.OwnFiles;
import dev.guard.os.Procfs;
import dev.guard.store.FileLock;
import dev.guard.store.Json;
import dev.guard.store.JsonStrings;
import dev.guard.store.StoreDirectory;
import dev.guard.value.Environment;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The files of a user's sessions, in the directory that the user's guards share: {@code
 * sessions/NAME.json}, the socket {@code NAME.sock} of its tmux server, and while it is started or
 * stopped {@code NAME.lock} and {@code NAME.told}.
 */
public final class SessionFiles {
  /** As sockets' addresses are, see unix(7). */
  private static final int LONGEST_SOCKET = 107;

  private static final int VERSION = 1;

  /** In bytes; words and environment have at most two million, see execve(2). */
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
   * Finds those of this process's user.
   *
   * @param runtimeDirectory XDG_RUNTIME_DIR, if it is set
   */
  public static SessionFiles ofUser(Os os, Procfs procfs, Optional<String> runtimeDirectory)
      throws IOException {
    return in(os, procfs, StoreDirectory.find(os, procfs, runtimeDirectory));
  }

  /** Those in this store. */
  static SessionFiles in(Os os, Procfs procfs, Path store) {
    return new SessionFiles(os, procfs, store.resolve("sessions"));
  }

  /** Those that the file of a session is one of. */
  public static SessionFiles beside(Os os, Procfs procfs, Path spec) {
    return new SessionFiles(os, procfs, spec.getParent());
  }

  /** The file of a session. */
  public Path spec(String name) {
    return file(name, SPEC);
  }

  /** No path of elsewhere can be made of a name. */
  private Path file(String name, String suffix) {
    if (!Session.isName(name)) {
      throw new IllegalArgumentException("no session can be called " + name);
    }
    return directory.resolve(name + suffix);
  }

  /** The socket of its server. */
  Path socket(boolean shared, String name) {
    // A session may be called "shared" too, and has a dot less.
    return shared ? directory.resolve("." + SHARED + ".sock") : file(name, ".sock");
  }

  private Path told(String name) {
    return file(name, ".told");
  }

  /** Fails when the path of its socket would be longer than the kernel takes. */
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
   * Does something while no other guard starts the server for all sessions, or one on it. Whoever
   * takes both locks has that of the name first.
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

  /** The same if nobody does, and nothing if somebody does. */
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
    StringWriter text = new StringWriter();
    try (JsonWriter json = new JsonWriter(text)) {
      json.beginObject();
      json.name("version").value(VERSION);
      json.name("name").value(s.name());
      JsonStrings.write(json, "argv", s.argv());
      JsonStrings.write(json, "options", s.options());
      JsonStrings.write(json, "environment", s.environment().entries());
      json.name("shared").value(s.shared());
      json.name("unit").value(s.unit().orElse(null));
      json.name("requested").value(s.requested().toString());
      if (s.requestedNanos().isPresent()) {
        json.name("requested_monotonic").value(s.requestedNanos().getAsLong());
      }
      json.endObject();
    }
    replace(spec(s.name()), text.toString());
  }

  private void replace(Path file, String text) throws IOException {
    StoreDirectory.makeMissing(os, directory);
    OwnFiles.replace(os, file, fresh(file), text.getBytes(StandardCharsets.UTF_8));
  }

  private static Path fresh(Path file) {
    return file.resolveSibling(file.getFileName() + ".new");
  }

  /**
   * Reads the session of a file; empty when it is not there.
   *
   * @throws OwnFiles.UnusableException when it is none, or was written by a newer guard
   */
  public static Optional<Session> read(Os os, Path file) throws IOException {
    try {
      JsonObject json = Json.object(OwnFiles.readText(os, file, LARGEST));
      if (json.get("version").getAsInt() != VERSION) {
        throw new OwnFiles.UnusableException(file, "another version of guard has written it");
      }
      if (!file.endsWith(json.get("name").getAsString() + SPEC)) {
        throw new OwnFiles.UnusableException(file, "it is of another session");
      }
      return Optional.of(
          new Session(
              json.get("name").getAsString(),
              JsonStrings.read(json, "argv"),
              JsonStrings.read(json, "options"),
              new Environment(JsonStrings.read(json, "environment")),
              json.get("shared").getAsBoolean(),
              JsonStrings.text(json, "unit"),
              Instant.parse(json.get("requested").getAsString()),
              json.has("requested_monotonic")
                  ? OptionalLong.of(json.get("requested_monotonic").getAsLong())
                  : OptionalLong.empty()));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (JsonParseException
        | IllegalStateException
        | NullPointerException
        | UnsupportedOperationException
        | IllegalArgumentException
        | DateTimeException e) {
      throw new OwnFiles.UnusableException(file, "it is no whole session");
    }
  }

  /** The names of those that have files, also what is left of a start that was killed. */
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
    for (Path file : List.of(spec(name), told(name))) {
      Files.deleteIfExists(file);
      Files.deleteIfExists(fresh(file));
    }
    Files.deleteIfExists(socket(false, name));
  }

  // ---- what came of a start

  /**
   * What came of the start of a session's command.
   *
   * @param id the command's; empty when it did not run
   * @param exitCode that of guard where it did not run
   * @param messages what guard had to say
   */
  public record Told(Optional<String> id, int exitCode, List<String> messages) {}

  /** Tells whoever waits for it, once. */
  public void tell(String name, Told told) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonWriter json = new JsonWriter(text)) {
      json.beginObject();
      json.name("id").value(told.id().orElse(null));
      json.name("exit_code").value(told.exitCode());
      JsonStrings.write(json, "messages", told.messages().stream().map(OsString::of).toList());
      json.endObject();
    }
    if (Files.exists(spec(name))) {
      replace(told(name), text.toString());
    }
  }

  /** What was told, and forgets it; empty: nothing yet. */
  public Optional<Told> take(String name) throws IOException {
    try {
      JsonObject json = Json.object(OwnFiles.readText(os, told(name), LARGEST));
      Files.delete(told(name));
      return Optional.of(
          new Told(
              JsonStrings.text(json, "id"),
              json.get("exit_code").getAsInt(),
              JsonStrings.read(json, "messages").stream().map(OsString::toString).toList()));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (JsonParseException
        | IllegalStateException
        | NullPointerException
        | UnsupportedOperationException
        | IllegalArgumentException e) {
      throw new OwnFiles.UnusableException(told(name), "no guard has written it");
    }
  }
}
