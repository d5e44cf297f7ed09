package dev.guard.cli;

import dev.guard.config.ConfigException;
import dev.guard.exec.Commands;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code guard stop}, {@code kill} and {@code rm}: what ends commands. */
final class EndCommands {
  private static final String REFERENCE = "An id, the beginning of one, or a name.";

  private EndCommands() {}

  /**
   * The time between TERM and KILL.
   *
   * @param text as given with {@code --grace}; null: by the settings
   */
  static Duration grace(Settings settings, CommandSpec spec, String text) throws ConfigException {
    if (text == null) {
      return settings.load().config().killAfter();
    }
    if (!text.matches("[0-9]{1,9}([.][0-9]{1,9})?")) {
      throw new ParameterException(
          spec.commandLine(),
          "--grace: " + text + " is no number of seconds; write e.g. --grace 10");
    }
    return Duration.ofNanos(new BigDecimal(text).movePointRight(9).longValue());
  }

  private static int end(Commands commands, Commands.Found found, Duration grace)
      throws IOException {
    // One that has ended is what was asked for.
    return found.live().isEmpty()
        ? 0
        : References.tell(found.id(), commands.end(found.live().get(), grace));
  }

  /** Without a record there may still be a cgroup, or processes with the mark. */
  private static int endUnknown(Commands commands, String reference, Duration grace)
      throws IOException {
    if (References.isWholeId(reference) && commands.leaves(reference)) {
      return References.tell(reference, commands.end(reference, grace));
    }
    return References.refuse(reference);
  }

  private static int endAll(List<String> references, Duration grace) throws IOException {
    Commands commands = Commands.ofUser(Messages::print);
    return References.each(
        commands,
        references,
        found -> end(commands, found, grace),
        reference -> endUnknown(commands, reference, grace));
  }

  /** {@code guard stop}. */
  @Command(
      name = "stop",
      description =
          "Ends commands with all their processes: TERM, and KILL when the grace is over.",
      mixinStandardHelpOptions = true)
  static final class Stop implements java.util.concurrent.Callable<Integer> {
    private final Settings settings;
    @Spec private CommandSpec spec;

    @Option(
        names = "--grace",
        paramLabel = "SECONDS",
        description = "Time between TERM and KILL; default: kill_after_seconds of the settings.")
    private String grace;

    @Parameters(arity = "1..*", paramLabel = "COMMAND", description = REFERENCE)
    private List<String> references;

    Stop(Settings settings) {
      this.settings = settings;
    }

    @Override
    public Integer call() throws IOException {
      Duration time;
      try {
        time = grace(settings, spec, grace);
      } catch (ConfigException e) {
        return Settings.refuse(e);
      }
      return endAll(references, time);
    }
  }

  /** {@code guard kill}. */
  @Command(
      name = "kill",
      description = "Ends commands with all their processes at once, by KILL.",
      mixinStandardHelpOptions = true)
  static final class Kill implements java.util.concurrent.Callable<Integer> {
    @Parameters(arity = "1..*", paramLabel = "COMMAND", description = REFERENCE)
    private List<String> references;

    @Override
    public Integer call() throws IOException {
      return endAll(references, Duration.ZERO);
    }
  }

  /** {@code guard rm}. */
  @Command(
      name = "rm",
      description = "Forgets detached commands that have ended, with their logs.",
      mixinStandardHelpOptions = true)
  static final class Remove implements java.util.concurrent.Callable<Integer> {
    @Option(
        names = {"-f", "--force"},
        description = "End them first if they live; those that are not known are no error.")
    private boolean force;

    @Parameters(arity = "1..*", paramLabel = "COMMAND", description = REFERENCE)
    private List<String> references;

    @Override
    public Integer call() throws IOException {
      Commands commands = Commands.ofUser(Messages::print);
      return References.each(
          commands, references, found -> remove(commands, found), r -> removeUnknown(commands, r));
    }

    private int remove(Commands commands, Commands.Found found) throws IOException {
      if (found.live().isPresent() && !force) {
        Messages.print("command " + found.id() + " lives; stop it first, or use rm -f");
        return ExitCode.GUARD_ERROR;
      }
      int status = end(commands, found, Duration.ZERO);
      if (status == 0) {
        commands.forget(found.id());
      }
      return status;
    }

    private int removeUnknown(Commands commands, String reference) throws IOException {
      if (!force) {
        return References.refuse(reference);
      }
      return References.isWholeId(reference) && commands.leaves(reference)
          ? References.tell(reference, commands.end(reference, Duration.ZERO))
          : 0;
    }
  }
}
