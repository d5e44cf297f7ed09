package dev.guard.doctor.namespace;

import dev.guard.doctor.machine.ServiceManagers;
import dev.guard.doctor.machine.SystemdUnit;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Asks managers for the settings of units. */
final class UnitQuestions {
  private static final String NOT_FOUND = "not-found";

  private final ServiceManagers managers;
  private final Map<SystemdUnit, UnitSettings> settings = new HashMap<>();
  private final Map<SystemdUnit, String> silent = new HashMap<>();

  UnitQuestions(ServiceManagers managers) {
    this.managers = managers;
  }

  /** Asks for these units, each manager once. */
  void ask(List<SystemdUnit> units) {
    Map<Optional<Integer>, List<SystemdUnit>> byManager = new LinkedHashMap<>();
    for (SystemdUnit unit : units.stream().distinct().toList()) {
      byManager.computeIfAbsent(unit.user(), u -> new ArrayList<>()).add(unit);
    }
    byManager.forEach(this::ask);
  }

  private void ask(Optional<Integer> user, List<SystemdUnit> units) {
    Map<String, Map<String, String>> answers;
    try {
      List<String> names = units.stream().map(SystemdUnit::name).distinct().sorted().toList();
      answers = managers.show(user, UnitSettings.PROPERTIES, names);
    } catch (IOException e) {
      units.forEach(unit -> silent.put(unit, e.getMessage()));
      return;
    }
    for (SystemdUnit unit : units) {
      Map<String, String> properties = answers.getOrDefault(unit.name(), Map.of());
      if (!properties.getOrDefault("LoadState", NOT_FOUND).equals(NOT_FOUND)) {
        settings.put(unit, UnitSettings.of(unit, properties));
      }
    }
  }

  /** Answers the settings of the units that were answered for, by their names. */
  List<UnitSettings> answers(List<SystemdUnit> units) {
    return units.stream()
        .distinct()
        .filter(settings::containsKey)
        .map(settings::get)
        .sorted(Comparator.comparing(UnitSettings::name))
        .toList();
  }

  /**
   * Answers the units whose managers could not be asked, with the reason; a unit that is gone is
   * not one of them.
   */
  List<String> silent(List<SystemdUnit> units) {
    return units.stream()
        .distinct()
        .filter(silent::containsKey)
        .map(unit -> UnitSettings.name(unit) + ": " + silent.get(unit))
        .sorted()
        .toList();
  }
}
