package dev.guard.cli.shared;

import dev.guard.config.ConfigException;
import dev.guard.config.ConfigLoader;
import dev.guard.config.Effective;
import dev.guard.config.GuardConfig;
import dev.guard.os.Kernel;
import dev.guard.os.OsString;
import java.util.Map;
import java.util.Optional;

/**
 * Loads the settings in force where guard was called.
 *
 * @param kernel the kernel, by which files are read
 * @param invocation how guard was called
 * @param asker who has called it
 */
public record Settings(Kernel kernel, Invocation invocation, Asker asker) {
  /** Answers what is printed for whoever has called guard. */
  public Output output() {
    return asker.output();
  }

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
        new ConfigLoader.Inputs(invocation.environment(), asker.directory(), file, Map.of()));
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

  private void warn(String problem, int more) {
    output()
        .say(
            "the built-in settings are used, since there is a problem in yours: "
                + problem
                + (more == 0 ? "" : " (and " + more + " more, see guard config check)"));
  }

  public static int refuse(ConfigException e) {
    e.problems().forEach(Messages::print);
    return ExitCode.GUARD_ERROR;
  }
}
