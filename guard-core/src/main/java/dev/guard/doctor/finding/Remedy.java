package dev.guard.doctor.finding;

/** A remedy makes a finding go away. */
public sealed interface Remedy {
  /** Answers the script, or the advice to a person. */
  String text();

  /**
   * Answers two lines of a script that write a file, with its directory; the text stands on one
   * line, so that spaces before it do no harm.
   *
   * @param root whether the commands need root; else they are for the user that the doctor ran as
   */
  record Script(boolean root, String text) implements Remedy {}

  /** An advice is something that only a person can decide or do, in one sentence. */
  record Advice(String text) implements Remedy {}

  /**
   * Answers two lines of a script that write a file, with its directory; the text stands on one
   * line, so that spaces before it do no harm.
   */
  static String write(String path, String content) {
    String directory = path.substring(0, path.lastIndexOf('/'));
    String format = content.replace("\\", "\\\\").replace("%", "%%").replace("\n", "\\n");
    return "mkdir -p "
        + quoted(directory)
        + "\nprintf "
        + quoted(format)
        + " >"
        + quoted(path)
        + "\n";
  }

  /** Answers the word of a shell that stands for exactly this text. */
  static String quoted(String text) {
    return text.matches("[A-Za-z0-9_@%+=:,./-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
  }
}
