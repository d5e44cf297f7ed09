package dev.guard.cli.setup;

import java.nio.file.Path;
import java.util.List;

/**
 * One file of an agent, and what Guard needs in it.
 *
 * @param path the absolute path; it may be a link, and there may be no file
 * @param format how values are written in it
 * @param edits in the order in which they are made
 * @param mode of a file that is made, as {@code rw-------}
 */
record AgentFile(Path path, Format format, List<Edit> edits, String mode) {
  static final String PRIVATE = "rw-------";
  static final String SHARED = "rw-r--r--";
  static final String PROGRAM = "rwxr-xr-x";

  /** Answers the text with every edit made; the same text where nothing is missing. */
  String apply(String text) throws SyntaxException {
    String changed = text;
    for (Edit edit : edits) {
      changed = edit.apply(format, changed);
    }
    return changed;
  }

  /** Takes every edit out again; see {@link Edit#revert}. */
  String revert(String text, String before, String after) throws SyntaxException {
    String changed = text;
    for (int i = edits.size() - 1; i >= 0; i--) {
      changed = edits.get(i).revert(format, changed, before, after);
    }
    return changed;
  }

  /** Takes every edit out of a text of which nobody knows what it was before. */
  String revert(String text) throws SyntaxException {
    return revert(text, "", apply(""));
  }
}
