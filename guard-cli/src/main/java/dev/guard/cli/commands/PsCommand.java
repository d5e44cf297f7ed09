package dev.guard.cli.commands;

import dev.guard.cli.shared.Messages;
import dev.guard.command.Commands;
import dev.guard.command.LiveCommand;
import dev.guard.record.CommandRecord;
import dev.guard.record.EndedCommand;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
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
  @Option(
      names = {"-a", "--all"},
      description = "Also detached commands that have ended.")
  private boolean all;

  @Option(names = "--json", description = "As one JSON array.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    Commands commands = Commands.ofUser(Messages::print);
    if (all) {
      commands.removeDesertedStores();
    }
    List<LiveCommand> live = new ArrayList<>();
    for (CommandRecord record : commands.records()) {
      live.add(commands.look(record));
    }
    live = PsOrder.order(live);
    List<EndedCommand> ended = all ? commands.ended() : List.of();
    String text = json ? PsJson.of(live, ended) : PsTable.of(live, ended);
    System.out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    live.forEach(l -> Messages.ofLost(l.record().id(), l.record().outputLost()));
    ended.forEach(e -> Messages.ofLost(e.id(), e.outputLost()));
    return 0;
  }
}
