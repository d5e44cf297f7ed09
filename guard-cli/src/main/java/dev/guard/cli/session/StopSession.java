package dev.guard.cli.session;

import dev.guard.cli.session.SessionCommands.SessionsOfUser;
import dev.guard.cli.shared.ExitCode;
import dev.guard.cli.shared.GraceOption;
import dev.guard.cli.shared.Messages;
import dev.guard.cli.shared.References;
import dev.guard.cli.shared.Settings;
import dev.guard.command.FoundCommand;
import dev.guard.command.Grace;
import dev.guard.session.Session;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code guard session stop} ends sessions with all that is in them. */
@Command(
    name = "stop",
    description = "Ends sessions with all that is in them: TERM, and KILL after the grace.",
    mixinStandardHelpOptions = true)
public final class StopSession implements Callable<Integer> {
  private final Settings settings;
  @Spec private CommandSpec spec;

  @Option(
      names = "--grace",
      paramLabel = "SECONDS",
      description = "Time between TERM and KILL; default: the --kill-after of each command.")
  private String grace;

  @Parameters(arity = "1..*", paramLabel = "NAME", description = "Names of sessions.")
  private List<String> names;

  public StopSession(Settings settings) {
    this.settings = settings;
  }

  @Override
  public Integer call() throws IOException {
    Grace time =
        GraceOption.read(settings, grace, p -> new ParameterException(spec.commandLine(), p));
    SessionsOfUser user = SessionsOfUser.of(settings);
    // All words are checked before anything is done with one: a word may have been meant for
    // something else.
    List<String> problems = new ArrayList<>();
    for (String name : names) {
      problem(user, name).ifPresent(problems::add);
    }
    String others = names.size() > 1 ? "; nothing is done with any of them" : "";
    problems.forEach(p -> Messages.print(p + others));
    int status = problems.isEmpty() ? 0 : ExitCode.GUARD_ERROR;
    for (String name : problems.isEmpty() ? names : List.<String>of()) {
      int one = stop(user, name, time);
      status = one == 0 ? status : one;
    }
    return status;
  }

  private static int stop(SessionsOfUser user, String name, Grace grace) {
    try {
      return user.sessions().leaves(name)
          ? References.tell(name, user.sessions().stop(name, grace), Messages::print)
          : 0;
    } catch (IOException e) {
      Messages.print("session " + name + ": " + e.getMessage());
      return ExitCode.GUARD_ERROR;
    }
  }

  private static Optional<String> problem(SessionsOfUser user, String name) {
    try {
      return user.sessions().leaves(name) ? Optional.empty() : withoutSession(user, name);
    } catch (IOException e) {
      return Optional.of("session " + name + ": " + e.getMessage());
    }
  }

  /**
   * Answers why a name leads to no session; a session that has ended is no error, since that was
   * asked for.
   */
  private static Optional<String> withoutSession(SessionsOfUser user, String name)
      throws IOException {
    Optional<FoundCommand> command =
        Session.isName(name) ? user.commands().find(name) : Optional.empty();
    if (command.isEmpty()) {
      return Optional.of(SessionCommands.unknown(name));
    }
    return command
        .get()
        .live()
        .map(r -> name + " is a command and no session; guard stop " + name + " ends it");
  }
}
