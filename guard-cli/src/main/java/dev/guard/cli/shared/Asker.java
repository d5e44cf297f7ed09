package dev.guard.cli.shared;

import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.OsString;
import java.time.ZoneId;
import java.util.Optional;

/**
 * An asker is the process that a call of guard is answered for: this one, or another one that a
 * gateway answers.
 *
 * @param pid its process, which ends no command that it is part of
 * @param directory where it works; empty: that was removed, and no project's file is at or above it
 * @param zone in which it reads and writes times
 * @param output what is printed for it
 */
public record Asker(int pid, Optional<OsString> directory, ZoneId zone, Output output) {
  /** Makes the asker that this process is. */
  public static Asker ofThisProcess(Os os) {
    return new Asker(os.pid(), directory(os), ZoneId.systemDefault(), Output.ofThisProcess(os));
  }

  private static Optional<OsString> directory(Os os) {
    try {
      return Optional.of(os.workingDirectory());
    } catch (OsException e) {
      return Optional.empty();
    }
  }
}
