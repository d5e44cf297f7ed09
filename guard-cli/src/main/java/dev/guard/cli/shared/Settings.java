package dev.guard.cli.shared;

import dev.guard.config.ConfigException;
import dev.guard.config.ConfigLoader;
import dev.guard.config.Effective;
import dev.guard.config.GuardConfig;
import dev.guard.os.Kernel;
import dev.guard.os.OsException;
import dev.guard.os.OsString;
import java.util.Map;
import java.util.Optional;

/** Loads the settings in force where guard was called. */
public record Settings(Kernel kernel, Invocation invocation) {
  public Effective load() throws ConfigException {
    return load(Optional.empty());
  }

  /**
   * Loads the settings with a file in place of the usual ones.
   *
   * @param file the file, as for {@code --config}
   */
  public Effective load(Optional<OsString> file) throws ConfigException {
    return ConfigLoader.load(
        kernel.os(),
        new ConfigLoader.Inputs(invocation.environment(), workingDirectory(), file, Map.of()));
  }

  /**
   * Loads the settings for commands that end, list or explain, which work with any settings: where
   * they can not be used, one line says so, and the built-in ones hold.
   */
  public GuardConfig orBuiltIn() {
    try {
      return load().config();
    } catch (ConfigException e) {
      warn(e.problems().get(0), e.count() - 1);
    } catch (RuntimeException | Error e) {
      warn(Texts.shown(e.toString()), 0);
    }
    return GuardConfig.defaults();
  }

  private static void warn(String problem, int more) {
    Messages.print(
        "the built-in settings are used, since there is a problem in yours: "
            + problem
            + (more == 0 ? "" : " (and " + more + " more, see guard config check)"));
  }

  private Optional<OsString> workingDirectory() {
    try {
      return Optional.of(kernel.os().workingDirectory());
    } catch (OsException e) {
      // The working directory was removed: no project's file can be at or above it.
      return Optional.empty();
    }
  }

  public static int refuse(ConfigException e) {
    e.problems().forEach(Messages::print);
    return ExitCode.GUARD_ERROR;
  }
}
