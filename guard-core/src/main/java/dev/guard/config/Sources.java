package dev.guard.config;

import java.util.Map;
import java.util.Set;

/**
 * Says where settings came from, in messages about the effect of a limit: the setting that the
 * reader has to change to get another limit.
 *
 * <p>All are equal: where a value came from is no part of the value.
 */
public final class Sources {
  /** The sources of settings of which nothing is known. */
  public static final Sources NONE = new Sources(Map.of(), false, Set.of());

  private final Map<Setting, Entry> entries;

  private final boolean ofProgram;

  private final Set<Setting> ofReserve;

  private Sources(Map<Setting, Entry> entries, boolean ofProgram, Set<Setting> ofReserve) {
    this.entries = entries;
    this.ofProgram = ofProgram;
    this.ofReserve = ofReserve;
  }

  /** Answers the sources for a reader who sets flags and variables. */
  static Sources ofCommandLine(Map<Setting, Entry> entries) {
    return new Sources(entries, false, Set.of());
  }

  /** Answers the sources for a reader who writes a Java program, which has methods and no flags. */
  static Sources ofProgram(Map<Setting, Entry> entries) {
    return new Sources(entries, true, Set.of());
  }

  /** Answers the sources where these limits are those of the reserve of a full budget. */
  Sources inReserve(Set<Setting> limits) {
    return new Sources(entries, ofProgram, Set.copyOf(limits));
  }

  /** Tells whether the reader writes a Java program. */
  public boolean isOfProgram() {
    return ofProgram;
  }

  /**
   * Tells whether the reader is the model of a coding agent, whose shell is the command: it gives
   * no flags, and what it detaches ends with its command.
   */
  public boolean isOfAgent() {
    Entry profile = entries.get(Setting.PROFILE);
    return profile != null && profile.value().toString().equals(Defaults.AGENT_PROFILE);
  }

  /**
   * Says where a limit was set and how to raise it, as the end of a message: e.g. {@code "
   * (built-in; raise it with --timeout or GUARD_TIMEOUT)"}.
   */
  public String of(Setting limit) {
    if (ofReserve.contains(limit)) {
      return " (the reserve of a full budget; for more, end what fills it)";
    }
    Entry entry = entries.get(limit);
    if (entry == null) {
      return "";
    }
    String how =
        switch (entry.origin()) {
          case BUILT_IN -> "with " + builtIn(limit);
          case FLAG -> "there";
          case FILE, BUDGET, PROJECT, VARIABLE ->
              isCeiling(entry)
                  ? "there"
                  : "there or with " + (ofProgram ? method(limit) : limit.flag());
        };
    return " (" + entry.where() + "; raise it " + how + ")";
  }

  private String builtIn(Setting limit) {
    if (ofProgram) {
      return method(limit);
    }
    return isOfAgent()
        ? limit.key() + " in [profiles." + Defaults.AGENT_PROFILE + ".limits] of a settings file"
        : limit.flag() + " or " + limit.variable();
  }

  /**
   * Names the place where a higher limit has to be set: the variable, the flag, or the key and the
   * file that has set the limit.
   */
  public String toRaise(Setting limit) {
    Entry entry = entries.get(limit);
    if (entry == null) {
      return variable(limit);
    }
    return switch (entry.origin()) {
      case BUILT_IN -> variable(limit);
      case VARIABLE, FLAG -> entry.where();
      case FILE, BUDGET, PROJECT ->
          isCeiling(entry) ? "the " + entry.where() : limit.key() + " in " + entry.where();
    };
  }

  private String variable(Setting limit) {
    return ofProgram ? method(limit) : limit.variable();
  }

  private static String method(Setting limit) {
    return ProgramSettings.method(limit);
  }

  private static boolean isCeiling(Entry entry) {
    return entry.where().startsWith(Layers.CEILING_AT);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Sources;
  }

  @Override
  public int hashCode() {
    return 0;
  }

  @Override
  public String toString() {
    return "sources";
  }
}
