package dev.guard.cli.setup;

import java.nio.file.Path;
import java.util.Optional;

/**
 * A change of one file that has been thought out and not yet made.
 *
 * @param file of the agent
 * @param from the text that is there; empty: there is no file
 * @param to the text that shall be there; empty: no file
 * @param backup what is remembered from then on; empty: nothing any more
 */
record Change(AgentFile file, Optional<String> from, Optional<String> to, Optional<Backup> backup) {
  /** Tells whether the file itself changes. */
  boolean isVisible() {
    return !from.equals(to);
  }

  /** Writes what it changes, for people. */
  String difference() {
    return Difference.of(name(from), from.orElse(""), name(to), to.orElse(""));
  }

  private String name(Optional<String> text) {
    return text.isPresent() ? path().toString() : "/dev/null";
  }

  Path path() {
    return file.path();
  }
}
