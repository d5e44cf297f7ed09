package dev.guard.config;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Lays the settings of a Java program over those of files and variables, once for its Guard and
 * again for each command, and has messages name the methods of the library in the place of flags.
 */
public final class ProgramSettings {
  private final Layers below;
  private final List<String> notices;

  ProgramSettings(Layers below, List<String> notices) {
    this.below = below;
    this.notices = List.copyOf(notices);
  }

  /** Answers the settings of a program that reads no file and no variable. */
  public static ProgramSettings builtIn() {
    return new ProgramSettings(new Layers(new Problems()), List.of());
  }

  /** Answers a line for each thing that stands in a project's file and was not taken. */
  public List<String> notices() {
    return notices;
  }

  /** Names the method of the library that sets this setting. */
  public static String method(Setting setting) {
    String[] words = setting.name().toLowerCase(Locale.ROOT).split("_", -1);
    StringBuilder name = new StringBuilder("CommandLimits.").append(words[0]);
    for (int i = 1; i < words.length; i++) {
      name.append(Character.toUpperCase(words[i].charAt(0))).append(words[i].substring(1));
    }
    return name.toString();
  }

  /** Says why a setting does not take this text; empty when it does. */
  public static Optional<String> problem(Setting setting, String text) {
    return setting.kind().parse(text).isPresent()
        ? Optional.empty()
        : Optional.of(
            method(setting) + " takes " + setting.takes() + ", not " + Problems.quote(text));
  }

  /**
   * Answers the settings with some changed.
   *
   * @param changes a text for each that a flag would take, each without a {@link #problem}
   * @throws ConfigException when a limit is over a ceiling of the system
   */
  public GuardConfig with(Map<Setting, String> changes) throws ConfigException {
    Problems problems = new Problems();
    Layers layers = below.forProgram(problems);
    changes.forEach((setting, text) -> layers.add(entry(setting, text)));
    GuardConfig config = layers.effective().config();
    problems.throwIfAny();
    return config;
  }

  private static Entry entry(Setting setting, String text) {
    Value value = setting.kind().parse(text).orElseThrow();
    return new Entry(setting, value, method(setting), Entry.Origin.FLAG);
  }
}
