package dev.guard.os;

import java.nio.charset.StandardCharsets;

/**
 * Holds the facts of /proc/PID/status that {@link Procfs.Stat} lacks.
 *
 * @param name the process's command; a newline in it is written as the two characters \\n
 * @param user the process's effective user id, as seen here
 * @param pidNamespaces the number of pid namespaces in which the process has a number, from this
 *     one inwards
 */
public record ProcessStatus(
    String name, char state, int parent, int threads, int user, int pidNamespaces) {

  /** Tells whether the process has ended, see {@link Procfs.Stat#ended}. */
  public boolean ended() {
    return (state == 'Z' || state == 'X') && threads <= 1;
  }

  static ProcessStatus parse(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    // A newline in the name is written as two characters, so that no name makes up a line.
    String[] uids = line(text, "Uid:", "0\t0").split("\t", -1);
    String name = line(text, "Name:", "?");
    return new ProcessStatus(
        new String(name.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8),
        line(text, "State:", "?").charAt(0),
        Integer.parseInt(line(text, "PPid:", "0")),
        Integer.parseInt(line(text, "Threads:", "1")),
        (int) Long.parseLong(uids[1]),
        line(text, "NSpid:", "1").split("\t", -1).length);
  }

  /** Finds the text behind a key at the beginning of a line. */
  static String line(String text, String key, String otherwise) {
    int start = text.startsWith(key) ? 0 : text.indexOf("\n" + key) + 1;
    int end = text.indexOf('\n', start);
    return start == 0 && !text.startsWith(key)
        ? otherwise
        : text.substring(start + key.length(), end < 0 ? text.length() : end).trim();
  }
}
