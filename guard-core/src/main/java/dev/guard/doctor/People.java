package dev.guard.doctor;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Users as far as they can be shown and found; each is looked for once. */
final class People {
  private final Users users;
  private final Map<Integer, Person> known = new HashMap<>();

  People(Users users) {
    this.users = users;
  }

  /**
   * One of them.
   *
   * @param name its name; its number where it has none, or one that can not be shown
   * @param home its home directory, absolute; empty where none is known that can be shown
   */
  record Person(int id, String name, Optional<String> home) {}

  Person find(int id) {
    return known.computeIfAbsent(id, this::lookUp);
  }

  private Person lookUp(int id) {
    Optional<Users.User> user;
    try {
      user = users.find(id);
    } catch (IOException e) {
      // Without the file of users, nobody has a name: what they see can be told all the same.
      user = Optional.empty();
    }
    return new Person(
        id,
        user.map(Users.User::name)
            .filter(name -> name.matches("[^\\p{Cntrl}]+"))
            .orElse(Integer.toUnsignedString(id)),
        user.map(Users.User::home).filter(h -> h.matches("/[^\\p{Cntrl}]*")).map(People::plain));
  }

  private static String plain(String path) {
    String plain = path.replaceAll("/+", "/");
    return plain.length() > 1 && plain.endsWith("/")
        ? plain.substring(0, plain.length() - 1)
        : plain;
  }
}
