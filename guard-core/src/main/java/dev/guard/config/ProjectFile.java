package dev.guard.config;

import dev.guard.os.OsString;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Holds a project's file that counts: its settings, and whether the user has trusted it. */
final class ProjectFile {
  private static final String PLAIN = "[A-Za-z0-9_@%+=:,./-]+";

  private final OsString directory;
  private final String name;
  private final TomlSource.Content content;
  private final BooleanSupplier trust;
  private final List<String> looser = new ArrayList<>();

  /**
   * Takes the file of one project.
   *
   * @param directory the project's
   * @param trust tells whether the user trusts the file; asked only when something would not be
   *     taken without that
   */
  ProjectFile(
      OsString directory, OsString file, TomlSource.Content content, BooleanSupplier trust) {
    this.directory = directory;
    this.name = file.toString();
    this.content = content;
    this.trust = trust;
  }

  TomlSource.Content content() {
    return content;
  }

  boolean isTrusted() {
    return trust.getAsBoolean();
  }

  /** Notes that a value was not taken, since it protects less. */
  void looser(String what) {
    looser.add(what);
  }

  /** Notes in one line all values that were not taken since they protect less. */
  void noteLooser(Problems problems) {
    if (!looser.isEmpty()) {
      problems.note(
          name,
          "not taken, since a project's file may only tighten: "
              + String.join("; ", looser)
              + "; "
              + remedy(directory));
    }
  }

  /** Tells a user what to do who wants all of a project's values. */
  static String remedy(OsString directory) {
    String text = directory.toString();
    String word = text.matches(PLAIN) ? text : "'" + text.replace("'", "'\\''") + "'";
    return "to have its values, read it, then: guard trust " + word;
  }
}
