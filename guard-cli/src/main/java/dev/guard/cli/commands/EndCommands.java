package dev.guard.cli.commands;

import dev.guard.cli.shared.GraceOption;
import dev.guard.cli.shared.Output;
import dev.guard.cli.shared.References;
import dev.guard.cli.shared.References.Named;
import dev.guard.cli.shared.Settings;
import dev.guard.command.Commands;
import dev.guard.command.FoundCommand;
import dev.guard.command.Grace;
import dev.guard.record.CommandRecord;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code guard stop}, {@code kill} and {@code rm} end commands, or what is left of them. */
public final class EndCommands {
  private static final String REFERENCE = "An id, the beginning of one, or a name.";

  private EndCommands() {}

  private static Commands commands(Settings settings) throws IOException {
    return Commands.ofUser(settings.asker().pid(), settings.output()::say);
  }

  /** Answers whether something is left without a record: a cgroup, or processes with the mark. */
  private static boolean leavesSomething(Commands commands, Named named) throws IOException {
    return References.isWholeId(named.reference()) && commands.leaves(named.reference());
  }

  private static int end(Commands commands, Named named, Grace grace, Output output)
      throws IOException {
    Optional<CommandRecord> live = named.found().flatMap(FoundCommand::live);
    if (live.isPresent()) {
      return References.tell(
          live.get().id(), commands.end(live.get(), grace.of(live.get())), output::say);
    }
    String id = named.found().map(FoundCommand::id).orElse(named.reference());
    // The command's record may be in a store that is not seen here. One that has ended already is
    // no error.
    return References.isWholeId(id) && commands.leaves(id)
        ? References.tell(id, commands.end(id, grace.withoutRecord()), output::say)
        : 0;
  }

  private static int endAll(List<String> references, Grace grace, Settings settings)
      throws IOException {
    Commands commands = commands(settings);
    Output output = settings.output();
    return References.each(
        commands,
        references,
        n -> leavesSomething(commands, n) ? Optional.empty() : References.known(n),
        n -> end(commands, n, grace, output),
        output);
  }

  /** {@code guard stop} ends commands by TERM, and by KILL after the grace. */
  @Command(
      name = "stop",
      description =
          "Ends commands with all their processes: TERM, and KILL when the grace is over.",
      mixinStandardHelpOptions = true)
  public static final class StopCommand implements java.util.concurrent.Callable<Integer> {
    private final Settings settings;
    @Spec private CommandSpec spec;

    @Option(
        names = "--grace",
        paramLabel = "SECONDS",
        description = "Time between TERM and KILL; default: the --kill-after of each command.")
    private String grace;

    @Parameters(arity = "1..*", paramLabel = "COMMAND", description = REFERENCE)
    private List<String> references;

    public StopCommand(Settings settings) {
      this.settings = settings;
    }

    @Override
    public Integer call() throws IOException {
      return endAll(
          references,
          GraceOption.read(settings, grace, p -> new ParameterException(spec.commandLine(), p)),
          settings);
    }
  }

  /** {@code guard kill} ends commands by KILL. */
  @Command(
      name = "kill",
      description = "Ends commands with all their processes at once, by KILL.",
      mixinStandardHelpOptions = true)
  public static final class KillCommand implements java.util.concurrent.Callable<Integer> {
    private final Settings settings;

    @Parameters(arity = "1..*", paramLabel = "COMMAND", description = REFERENCE)
    private List<String> references;

    public KillCommand(Settings settings) {
      this.settings = settings;
    }

    @Override
    public Integer call() throws IOException {
      return endAll(references, Grace.NONE, settings);
    }
  }

  /** {@code guard rm} forgets commands that have ended. */
  @Command(
      name = "rm",
      description = "Forgets detached commands that have ended, with their logs.",
      mixinStandardHelpOptions = true)
  public static final class RemoveCommand implements java.util.concurrent.Callable<Integer> {
    private final Settings settings;

    @Option(
        names = {"-f", "--force"},
        description = "End them first if they live; those that are not known are no error.")
    private boolean force;

    @Parameters(arity = "1..*", paramLabel = "COMMAND", description = REFERENCE)
    private List<String> references;

    public RemoveCommand(Settings settings) {
      this.settings = settings;
    }

    @Override
    public Integer call() throws IOException {
      Commands commands = commands(settings);
      return References.each(
          commands, references, this::problem, n -> remove(commands, n), settings.output());
    }

    private Optional<String> problem(Named named) {
      if (force) {
        return Optional.empty();
      }
      return named.found().flatMap(FoundCommand::live).isPresent()
          ? Optional.of(lives(named))
          : References.known(named);
    }

    private static String lives(Named named) {
      return "command " + named.found().get().id() + " lives; stop it first, or use rm -f";
    }

    private int remove(Commands commands, Named named) throws IOException {
      int status = force ? end(commands, named, Grace.NONE, settings.output()) : 0;
      if (status == 0 && named.found().isPresent()) {
        commands.forget(named.found().get().id());
      }
      return status;
    }
  }
}
