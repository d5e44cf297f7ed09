package dev.guard.doctor;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Asks the managers of systemd for what units are told to do. */
final class Managers {
  private final Patient patient;
  private final Users users;

  Managers(Patient patient, Users users) {
    this.patient = patient;
    this.users = users;
  }

  /**
   * What was learnt.
   *
   * @param silent why others of the units could not be asked for
   */
  record Answers(Map<UnitName, UnitSettings> settings, Map<UnitName, String> silent) {}

  /** Asks for these units, each manager once. */
  Answers ask(Set<UnitName> units) {
    Map<Integer, Set<UnitName>> byManager = new TreeMap<>();
    for (UnitName unit : units) {
      byManager.computeIfAbsent(unit.user().orElse(-1), u -> new TreeSet<>()).add(unit);
    }
    Answers answers = new Answers(new HashMap<>(), new HashMap<>());
    for (Set<UnitName> some : byManager.values()) {
      List<UnitName> list = List.copyOf(some);
      try {
        ask(list, answers);
      } catch (IOException e) {
        list.forEach(unit -> answers.silent().put(unit, e.getMessage()));
      }
    }
    return answers;
  }

  private void ask(List<UnitName> units, Answers into) throws IOException {
    OptionalInt user = units.get(0).user();
    List<String> words = new ArrayList<>(user.isPresent() ? asUser(user.getAsInt()) : List.of());
    words.add("systemctl");
    if (user.isPresent()) {
      words.add("--user");
    }
    words.addAll(List.of("show", "-p", UnitSettings.PROPERTIES, "--"));
    units.forEach(unit -> words.add(unit.name()));
    Map<String, String> environment =
        user.isPresent()
            ? Map.of("XDG_RUNTIME_DIR", "/run/user/" + Integer.toUnsignedString(user.getAsInt()))
            : Map.of();
    Programs.Answer answer = patient.programs().ask(words, environment);
    // One part for each unit, in their order.
    String[] parts = answer.output().strip().split("\n\n", -1);
    if (answer.status() != 0 || parts.length != units.size()) {
      String why = answer.errors().lines().findFirst().orElse("no answer for each unit");
      throw new IOException("systemctl: " + why);
    }
    for (int i = 0; i < parts.length; i++) {
      Map<String, String> properties = UnitSettings.properties(parts[i]);
      String state = properties.getOrDefault("LoadState", "unknown");
      if (state.equals("loaded")) {
        into.settings().put(units.get(i), UnitSettings.of(units.get(i), properties));
      } else {
        into.silent().put(units.get(i), "its manager says: " + state);
      }
    }
  }

  /**
   * A user's manager lets only that user ask. systemctl -M USER@ would log the user in for it,
   * which may start a manager and takes seconds; setpriv(1) only changes the ids.
   */
  private List<String> asUser(int user) throws IOException {
    int self = patient.os().userId();
    if (user == self) {
      return List.of();
    }
    if (self != 0) {
      throw new IOException("only user " + user + " and root can ask that manager");
    }
    return List.of(
        "setpriv",
        "--reuid=" + Integer.toUnsignedString(user),
        "--regid=" + Integer.toUnsignedString(users.find(user).group()),
        "--clear-groups");
  }
}
