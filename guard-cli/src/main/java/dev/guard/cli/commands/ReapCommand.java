package dev.guard.cli.commands;

import dev.guard.cli.shared.ExitCode;
import dev.guard.cli.shared.Messages;
import dev.guard.cli.shared.References;
import dev.guard.cli.shared.Settings;
import dev.guard.command.Commands;
import dev.guard.command.Grace;
import dev.guard.command.Orphans;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code guard reap} ends what nobody owns any more. */
@Command(
    name = "reap",
    description = "Ends what nobody owns any more, and says what that was.",
    mixinStandardHelpOptions = true)
public final class ReapCommand implements Callable<Integer> {
  private final Settings settings;
  @Spec private CommandSpec spec;

  @Option(names = "--dry-run", description = "Only say what would be ended.")
  private boolean dryRun;

  @Option(
      names = "--install-timer",
      description = "Have it done every 5 minutes: by a timer of systemd, else by cron.")
  private boolean installTimer;

  @Option(
      names = "--user",
      description = "With --install-timer: by your own service manager, not the system's.")
  private boolean user;

  public ReapCommand(Settings settings) {
    this.settings = settings;
  }

  @Override
  public Integer call() throws IOException {
    if (user && !installTimer) {
      throw new ParameterException(
          spec.commandLine(), "--user: only with --install-timer; add that, or leave it out");
    }
    if (dryRun && installTimer) {
      throw new ParameterException(
          spec.commandLine(), "--dry-run: not with --install-timer; leave one of them out");
    }
    if (installTimer) {
      return ReapTimer.install(settings.kernel().os(), user);
    }
    Grace grace = new Grace(Optional.empty(), settings.orBuiltIn().killAfter());
    Commands commands = Commands.ofUser(Messages::print);
    Orphans orphans = new Orphans(commands);
    int status = 0;
    for (Path store : commands.desertedStores()) {
      say((dryRun ? "would remove " : "removes ") + store + ": no guard lives in its namespace");
    }
    if (!dryRun) {
      // The stores go first: then nobody owns the processes that they have left in cgroups.
      commands.removeDesertedStores();
    }
    for (Orphans.Orphan orphan : orphans.find()) {
      say((dryRun ? "would end " : "ends ") + describe(orphan));
      if (!dryRun) {
        status = Math.max(status, end(orphans, orphan, grace));
      }
    }
    if (!dryRun) {
      commands.tidy();
    }
    return status;
  }

  private static int end(Orphans orphans, Orphans.Orphan orphan, Grace grace) {
    try {
      Duration own = orphan.record().map(grace::of).orElse(grace.withoutRecord());
      return References.tell(orphan.id(), orphans.end(orphan, own), Messages::print);
    } catch (IOException e) {
      Messages.print("command " + orphan.id() + ": " + e.getMessage());
      return ExitCode.GUARD_ERROR;
    }
  }

  private static String describe(Orphans.Orphan orphan) {
    int count = orphan.processes().size();
    return "command "
        + orphan.id()
        + ": "
        + orphan.why()
        + ", "
        + count
        + (count == 1 ? " process" : " processes");
  }

  private static void say(String line) {
    System.out.writeBytes((line + "\n").getBytes(StandardCharsets.UTF_8));
  }
}
