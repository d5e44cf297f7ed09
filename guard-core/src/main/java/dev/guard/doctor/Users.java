package dev.guard.doctor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Names and home directories of users. */
final class Users {
  private static final int FIELDS = 7;

  private final Patient patient;
  private final Map<Integer, User> known = new HashMap<>();

  Users(Patient patient) {
    this.patient = patient;
    try {
      byte[] passwd = Files.readAllBytes(patient.root().resolve("etc/passwd"));
      add(new String(passwd, StandardCharsets.UTF_8));
    } catch (IOException e) {
      // Then getent(1) is asked for each.
      known.clear();
    }
  }

  /**
   * One of them.
   *
   * @param name its name; its number where it has none, or one that can not be shown
   * @param group the number of its first group
   * @param home its home directory, absolute and of what can be shown; empty where none is known
   */
  record User(int id, String name, int group, Optional<String> home) {}

  /** The first line of a user counts, as for getpwuid(3). */
  private void add(String passwd) {
    for (String line : passwd.lines().toList()) {
      List<String> f = List.of(line.split(":", -1));
      OptionalInt id = f.size() == FIELDS ? number(f.get(2)) : OptionalInt.empty();
      OptionalInt group = f.size() == FIELDS ? number(f.get(3)) : OptionalInt.empty();
      if (id.isPresent() && group.isPresent()) {
        Optional<String> home =
            Optional.of(f.get(5)).filter(h -> h.matches("/[^\\p{Cntrl}]*")).map(Users::plain);
        known.putIfAbsent(id.getAsInt(), new User(id.getAsInt(), f.get(0), group.getAsInt(), home));
      }
    }
  }

  /** An id is an unsigned number of 32 bits. */
  static OptionalInt number(String text) {
    if (!text.matches("[0-9]{1,10}") || Long.parseLong(text) > 0xffff_ffffL) {
      return OptionalInt.empty();
    }
    return OptionalInt.of(Integer.parseUnsignedInt(text));
  }

  private static String plain(String path) {
    String plain = path.replaceAll("/+", "/");
    return plain.length() > 1 && plain.endsWith("/")
        ? plain.substring(0, plain.length() - 1)
        : plain;
  }

  /** The user with this number; getent(1) knows those of directories such as LDAP, too. */
  User find(int id) {
    if (!known.containsKey(id)) {
      try {
        List<String> words = List.of("getent", "passwd", Integer.toUnsignedString(id));
        add(patient.programs().ask(words, Map.of()).output());
      } catch (IOException e) {
        // Nobody knows: below.
        known.remove(id);
      }
      known.putIfAbsent(id, new User(id, Integer.toUnsignedString(id), id, Optional.empty()));
    }
    return known.get(id);
  }
}
