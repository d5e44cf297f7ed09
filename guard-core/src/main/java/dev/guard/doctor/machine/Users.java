package dev.guard.doctor.machine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Looks up the entries of users, see passwd(5) and getent(1). */
public record Users(Path root, Programs programs) {
  /**
   * Holds an entry of a user.
   *
   * @param group the user's first group
   */
  public record User(String name, int id, int group, String home) {}

  /** Answers the user with this id: by the file, else by any other source that this host has. */
  public Optional<User> find(int id) throws IOException {
    Optional<User> here = among(file(), id);
    return here.isPresent() ? here : among(getent(id), id);
  }

  /** Answers how to call a user in a text. */
  public String name(int id) throws IOException {
    return find(id).map(User::name).orElse(Integer.toUnsignedString(id));
  }

  private String file() throws IOException {
    Path passwd = root.resolve("etc/passwd");
    return Files.exists(passwd)
        ? new String(Files.readAllBytes(passwd), StandardCharsets.UTF_8)
        : "";
  }

  private String getent(int id) {
    try {
      List<String> words = List.of("getent", "passwd", Integer.toUnsignedString(id));
      return programs.ask(words, Map.of()).output();
    } catch (IOException e) {
      // There is no getent: then the file has all users.
      return "";
    }
  }

  private static Optional<User> among(String entries, int id) {
    return entries.lines().flatMap(l -> parse(l).stream()).filter(u -> u.id() == id).findFirst();
  }

  private static Optional<User> parse(String line) {
    String[] f = line.split(":", -1);
    try {
      return f.length < 6
          ? Optional.empty()
          : Optional.of(
              new User(f[0], Integer.parseUnsignedInt(f[2]), Integer.parseUnsignedInt(f[3]), f[5]));
    } catch (NumberFormatException e) {
      // The line is a comment, or is for NIS.
      return Optional.empty();
    }
  }
}
