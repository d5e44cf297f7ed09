package dev.guard.cli.commands;

import dev.guard.cli.shared.ExitCode;
import dev.guard.cli.shared.Messages;
import dev.guard.cli.shared.Output;
import dev.guard.cli.shared.References;
import dev.guard.cli.shared.Settings;
import dev.guard.command.Commands;
import dev.guard.command.FoundCommand;
import dev.guard.record.EndedCommand;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code guard wait} waits until commands have ended. */
@Command(
    name = "wait",
    description = "Waits until commands have ended, and exits as the last one did.",
    mixinStandardHelpOptions = true)
public final class WaitCommand implements Callable<Integer> {
  private static final long PAUSE_NANOS = 100_000_000L;

  private final Settings settings;

  @Parameters(
      arity = "1..*",
      paramLabel = "COMMAND",
      description = "An id, the beginning of one, or a name.")
  private List<String> references;

  /** Waits for whoever asks. */
  public WaitCommand(Settings settings) {
    this.settings = settings;
  }

  @Override
  public Integer call() throws IOException {
    Output output = settings.output();
    Commands commands = Commands.ofUser(settings.asker().pid(), output::say);
    Optional<List<References.Named>> all =
        References.checked(commands, references, References::known, output);
    int status = all.isPresent() ? 0 : ExitCode.GUARD_ERROR;
    for (References.Named named : all.orElse(List.of())) {
      try {
        status = await(commands, named.found().get());
      } catch (IOException e) {
        // The other commands are to be waited for all the same.
        output.say(e.getMessage());
        status = ExitCode.GUARD_ERROR;
      }
    }
    return status;
  }

  private int await(Commands commands, FoundCommand first) throws IOException {
    Output output = settings.output();
    while (output.isHeard() && commands.isLive(first.id())) {
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    Optional<EndedCommand> ended = commands.find(first.id()).flatMap(FoundCommand::ended);
    if (ended.isEmpty()) {
      output.say("command " + first.id() + " has ended, its exit status is not known");
      return ExitCode.GUARD_ERROR;
    }
    ended.get().messages().forEach(output::say);
    Messages.ofLost(first.id(), ended.get().outputLost(), output::say);
    return ended.get().exitCode();
  }
}
