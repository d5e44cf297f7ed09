package dev.guard.doctor.namespace;

import dev.guard.doctor.machine.Users;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Finds users as far as they can be found and shown; each is looked for once. */
final class ShownUsers {
  /** The pattern of characters that a terminal may act on, or show as another line. */
  static final String UNSHOWN = "[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]";

  private static final Pattern SHOWN = Pattern.compile("[^\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]+");

  private final Users users;
  private final Map<Integer, ShownUser> known = new HashMap<>();

  ShownUsers(Users users) {
    this.users = users;
  }

  /**
   * Describes a user as it is shown.
   *
   * @param name the user's name; its number where it has none, or one that can not be shown
   * @param home the user's home directory, absolute; empty where none is known that can be shown
   */
  record ShownUser(int id, String name, Optional<String> home) {}

  ShownUser find(int id) {
    return known.computeIfAbsent(id, this::lookUp);
  }

  private ShownUser lookUp(int id) {
    Optional<Users.User> user;
    try {
      user = users.find(id);
    } catch (IOException e) {
      // Without the file of users, nobody has a name: what they see can be told all the same.
      user = Optional.empty();
    }
    return new ShownUser(
        id,
        user.map(Users.User::name)
            .filter(name -> SHOWN.matcher(name).matches())
            .orElse(Integer.toUnsignedString(id)),
        user.map(Users.User::home)
            .filter(home -> home.startsWith("/") && SHOWN.matcher(home).matches())
            .map(ShownUsers::plain));
  }

  private static String plain(String path) {
    String plain = path.replaceAll("/+", "/");
    return plain.length() > 1 && plain.endsWith("/")
        ? plain.substring(0, plain.length() - 1)
        : plain;
  }
}
