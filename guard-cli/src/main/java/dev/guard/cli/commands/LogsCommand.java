package dev.guard.cli.commands;

import dev.guard.cli.shared.ExitCode;
import dev.guard.cli.shared.Messages;
import dev.guard.cli.shared.Output;
import dev.guard.cli.shared.References;
import dev.guard.cli.shared.Settings;
import dev.guard.command.Commands;
import dev.guard.command.FoundCommand;
import dev.guard.record.CommandRecord;
import dev.guard.record.EndedCommand;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code guard logs} prints what a detached command has written. */
@Command(
    name = "logs",
    description = "Prints what a detached command has written, the last 8 to 16 MiB of it.",
    mixinStandardHelpOptions = true)
public final class LogsCommand implements Callable<Integer> {
  private static final long PAUSE_NANOS = 100_000_000L;

  private final Settings settings;

  @Option(
      names = {"-f", "--follow"},
      description = "Go on until the command has ended.")
  private boolean follow;

  @Parameters(
      arity = "1",
      paramLabel = "COMMAND",
      description = "An id, the beginning of one, or a name.")
  private String reference;

  /** Prints it for whoever asks. */
  public LogsCommand(Settings settings) {
    this.settings = settings;
  }

  @Override
  public Integer call() throws IOException {
    Output output = settings.output();
    Commands commands = Commands.ofUser(settings.asker().pid(), output::say);
    Optional<List<References.Named>> named =
        References.checked(commands, List.of(reference), References::known, output);
    if (named.isEmpty()) {
      return ExitCode.GUARD_ERROR;
    }
    String id = named.get().get(0).found().get().id();
    Optional<Path> log = commands.log(id);
    if (log.isEmpty()) {
      boolean detached = named.get().get(0).found().get().isDetached();
      output.say(
          detached
              ? "the log of command " + id + " is not there: it was never written, or was removed"
              : "command " + id + " has no log; only detached commands have one");
      return ExitCode.GUARD_ERROR;
    }
    try (LogReader reader = new LogReader(log.get())) {
      boolean goesOn = true;
      while (goesOn) {
        // The command is looked at before the last read, or output that came between would be lost.
        boolean live = follow && commands.isLive(id);
        goesOn = reader.copy(output.standard()) && output.isHeard() && live;
        if (goesOn) {
          LockSupport.parkNanos(PAUSE_NANOS);
        }
      }
    }
    sayLost(commands, id, output);
    return 0;
  }

  /** Says what output was lost, also where the log itself could not say it. */
  private static void sayLost(Commands commands, String id, Output output) throws IOException {
    Optional<FoundCommand> found = commands.find(id);
    if (found.isPresent()) {
      long live = found.get().live().map(CommandRecord::outputLost).orElse(0L);
      Messages.ofLost(
          id, found.get().ended().map(EndedCommand::outputLost).orElse(live), output::say);
    }
  }
}
