package dev.guard.cli;

import dev.guard.config.ConfigException;
import dev.guard.config.ConfigLoader;
import dev.guard.config.Effective;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.OsString;
import java.util.Map;
import java.util.Optional;

/** The settings in force where guard was called. */
record Settings(Os os, Invocation invocation) {
  Effective load() throws ConfigException {
    return load(Optional.empty());
  }

  /**
   * The same with a file in place of the usual ones.
   *
   * @param file as for {@code --config}
   */
  Effective load(Optional<OsString> file) throws ConfigException {
    return ConfigLoader.load(
        os, new ConfigLoader.Inputs(invocation.environment(), workingDirectory(), file, Map.of()));
  }

  private Optional<OsString> workingDirectory() {
    try {
      return Optional.of(os.workingDirectory());
    } catch (OsException e) {
      // It was removed: no project's file can be at or above it.
      return Optional.empty();
    }
  }

  static int refuse(ConfigException e) {
    e.problems().forEach(Messages::print);
    return ExitCode.GUARD_ERROR;
  }
}
