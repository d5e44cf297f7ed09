package dev.guard.cli.commands;

import dev.guard.cli.shared.Messages;
import dev.guard.cli.shared.Output;
import dev.guard.cli.shared.Settings;
import dev.guard.command.Commands;
import dev.guard.command.LiveCommand;
import dev.guard.record.EndedCommand;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code guard ps} lists the commands of this user. */
@Command(
    name = "ps",
    description = "Lists your commands that live.",
    mixinStandardHelpOptions = true)
public final class PsCommand implements Callable<Integer> {
  private final Settings settings;

  @Option(
      names = {"-a", "--all"},
      description = "Also detached commands that have ended.")
  private boolean all;

  @Option(names = "--json", description = "As one JSON array.")
  private boolean json;

  /** Lists them for whoever asks. */
  public PsCommand(Settings settings) {
    this.settings = settings;
  }

  @Override
  public Integer call() throws IOException {
    Output output = settings.output();
    Commands commands = Commands.ofUser(settings.asker().pid(), output::say);
    if (all) {
      commands.removeDesertedStores();
    }
    PsOrder order = new PsOrder(commands.look(commands.records()));
    List<LiveCommand> live = order.ordered();
    List<EndedCommand> ended = all ? commands.ended() : List.of();
    String text = json ? PsJson.of(live, ended) : PsTable.of(order, ended);
    output.print(text);
    live.forEach(l -> Messages.ofLost(l.record().id(), l.record().outputLost(), output::say));
    ended.forEach(e -> Messages.ofLost(e.id(), e.outputLost(), output::say));
    return 0;
  }
}
