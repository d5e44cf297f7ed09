package dev.guard.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.os.OsString;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Shows that, whatever stands in a project's files, nothing is looser with them than without. */
class ProjectPropertyTest {
  private static final List<Setting> CLAUDEX =
      List.of(Setting.MAX_PROCESSES, Setting.RATE_LIMIT, Setting.TIMEOUT);

  /**
   * Who says it: the user under either name or for the budget, the project under either name, or a
   * ceiling.
   */
  private enum SettingsPlace {
    USER,
    USER_CLAUDEX,
    USER_BUDGET,
    PROJECT,
    PROJECT_CLAUDEX,
    CEILING
  }

  @Provide
  Arbitrary<Map<Setting, Integer>> amounts() {
    Arbitrary<Setting> setting =
        Arbitraries.of(
            Setting.MAX_PROCESSES,
            Setting.PIDS_MAX,
            Setting.TIMEOUT,
            Setting.RATE_LIMIT,
            Setting.KILL_AFTER);
    return Arbitraries.maps(
            setting,
            Arbitraries.oneOf(Arbitraries.of(0, 1, 2), Arbitraries.integers().between(0, 100_000)))
        .ofMaxSize(3);
  }

  @Property(tries = 3000)
  void aProjectNeverLoosens(
      @ForAll("amounts") Map<Setting, Integer> user,
      @ForAll("amounts") Map<Setting, Integer> userClaudex,
      @ForAll("amounts") Map<Setting, Integer> userBudget,
      @ForAll("amounts") Map<Setting, Integer> project,
      @ForAll("amounts") Map<Setting, Integer> projectClaudex,
      @ForAll("amounts") Map<Setting, Integer> ceiling) {
    Map<SettingsPlace, Map<Setting, Integer>> places = new HashMap<>();
    places.put(SettingsPlace.USER, user);
    places.put(SettingsPlace.USER_CLAUDEX, userClaudex);
    places.put(SettingsPlace.USER_BUDGET, userBudget);
    places.put(SettingsPlace.CEILING, ceiling);
    Effective without = effective(places);
    places.put(SettingsPlace.PROJECT, project);
    places.put(SettingsPlace.PROJECT_CLAUDEX, projectClaudex);
    Effective with = effective(places);
    for (Setting s : Setting.values()) {
      Value value = s.kind().parse(with.entry(s).value()).orElseThrow();
      Value before = s.kind().parse(without.entry(s).value()).orElseThrow();
      assertThat(s.looser(value, before)).as("%s: %s after %s", s, value, before).isFalse();
    }
  }

  /** Leaves out what is not taken, which must not count. */
  private static Effective effective(Map<SettingsPlace, Map<Setting, Integer>> places) {
    Layers layers = new Layers(new Problems());
    layers.add(
        new TomlSource.Content(
            entries(places, SettingsPlace.USER),
            entries(places, SettingsPlace.USER_CLAUDEX),
            entries(places, SettingsPlace.CEILING),
            entries(places, SettingsPlace.USER_BUDGET).stream()
                .map(e -> new TomlSource.OfBudget("default", e))
                .toList(),
            List.of(),
            List.of()));
    layers.addProject(
        List.of(
            ofProject(List.of(), entries(places, SettingsPlace.PROJECT_CLAUDEX)),
            ofProject(entries(places, SettingsPlace.PROJECT), List.of())));
    return layers.effective();
  }

  private static ProjectFile ofProject(List<Entry> settings, List<Entry> claudex) {
    TomlSource.Content content =
        new TomlSource.Content(settings, claudex, List.of(), List.of(), List.of(), List.of());
    return new ProjectFile(OsString.of("/p"), OsString.of("/p/file"), content, () -> false);
  }

  private static Entry.Origin origin(SettingsPlace place) {
    return switch (place) {
      case PROJECT, PROJECT_CLAUDEX -> Entry.Origin.PROJECT;
      case USER_BUDGET -> Entry.Origin.BUDGET;
      case USER, USER_CLAUDEX, CEILING -> Entry.Origin.FILE;
    };
  }

  private static List<Entry> entries(
      Map<SettingsPlace, Map<Setting, Integer>> places, SettingsPlace place) {
    boolean isClaudex =
        place == SettingsPlace.USER_CLAUDEX || place == SettingsPlace.PROJECT_CLAUDEX;
    return places.getOrDefault(place, Map.of()).entrySet().stream()
        .filter(e -> !isClaudex || CLAUDEX.contains(e.getKey()))
        .map(
            e ->
                new Entry(
                    e.getKey(),
                    e.getKey().kind().parse(e.getValue().toString()).orElseThrow(),
                    place.name(),
                    origin(place)))
        .toList();
  }
}
