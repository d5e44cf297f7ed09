package dev.guard.cli;

import dev.guard.command.Commands;
import dev.guard.command.Grace;
import dev.guard.os.OsString;
import dev.guard.session.LiveSession;
import dev.guard.session.Session;
import dev.guard.session.Sessions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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

/**
 * {@code guard session}: to see sessions, to show them and to end them. {@link StartSession} starts
 * them.
 */
@Command(
    name = "session",
    description = "Commands on terminals of their own that outlive their callers, in tmux.",
    mixinStandardHelpOptions = true,
    subcommands = {
      SessionCommands.ListThem.class,
      SessionCommands.Status.class,
      SessionCommands.Attach.class,
      SessionCommands.Stop.class
    },
    synopsisSubcommandLabel = "COMMAND")
final class SessionCommands implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    throw new ParameterException(
        spec.commandLine(), "session: no command given; start, list, status, attach or stop");
  }

  private static String unknown(String name) {
    return "no session " + Texts.shown(name) + " is there; guard session list has those that are";
  }

  private static int refuse(String name) {
    Messages.print(unknown(name));
    return ExitCode.GUARD_ERROR;
  }

  private static void say(String text) {
    System.out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
  }

  /** What all of them need. */
  private record Known(Commands commands, Sessions sessions) {
    static Known of(Settings settings) throws IOException {
      Commands commands = Commands.ofUser(Messages::print);
      return new Known(
          commands,
          Sessions.ofUser(settings.kernel(), commands, settings.invocation().environment()));
    }

    SessionView view(LiveSession live) throws IOException {
      return SessionView.of(commands, sessions, live);
    }
  }

  /** {@code guard session list}. */
  @Command(name = "list", description = "Lists your sessions.", mixinStandardHelpOptions = true)
  static final class ListThem implements Callable<Integer> {
    private final Settings settings;

    @Option(names = "--json", description = "As one JSON array.")
    private boolean json;

    ListThem(Settings settings) {
      this.settings = settings;
    }

    @Override
    public Integer call() throws IOException {
      Known known = Known.of(settings);
      List<SessionView> views = new ArrayList<>();
      for (LiveSession live : known.sessions.all(Messages::print)) {
        views.add(known.view(live));
      }
      say(json ? SessionView.toJson(views) : SessionView.toTable(views));
      return 0;
    }
  }

  /** {@code guard session status}. */
  @Command(
      name = "status",
      description = "Says how a session is doing, and what bounds it.",
      mixinStandardHelpOptions = true)
  static final class Status implements Callable<Integer> {
    private final Settings settings;

    @Option(names = "--json", description = "As a JSON array with one object.")
    private boolean json;

    @Parameters(arity = "1", paramLabel = "NAME", description = "The session's name.")
    private String name;

    Status(Settings settings) {
      this.settings = settings;
    }

    @Override
    public Integer call() throws IOException {
      Known known = Known.of(settings);
      Optional<LiveSession> live = known.sessions.find(name);
      if (live.isEmpty()) {
        return refuse(name);
      }
      SessionView view = known.view(live.get());
      say(json ? SessionView.toJson(List.of(view)) : view.toText());
      return 0;
    }
  }

  /** {@code guard session attach}. */
  @Command(
      name = "attach",
      description = "Shows a session on this terminal, as tmux does.",
      mixinStandardHelpOptions = true)
  static final class Attach implements Callable<Integer> {
    private final Settings settings;

    @Parameters(arity = "1", paramLabel = "NAME", description = "The session's name.")
    private String name;

    Attach(Settings settings) {
      this.settings = settings;
    }

    @Override
    public Integer call() throws IOException {
      Sessions sessions = Known.of(settings).sessions;
      Optional<Session> session = sessions.find(name).map(LiveSession::session);
      if (session.isEmpty()) {
        return refuse(name);
      }
      List<OsString> words = sessions.attaching(session.get());
      settings
          .kernel()
          .os()
          .exec(words.get(0), words, settings.invocation().environment().entries());
      throw new IllegalStateException("execve returned");
    }
  }

  /** {@code guard session stop}. */
  @Command(
      name = "stop",
      description = "Ends sessions with all that is in them: TERM, and KILL after the grace.",
      mixinStandardHelpOptions = true)
  static final class Stop implements Callable<Integer> {
    private final Settings settings;
    @Spec private CommandSpec spec;

    @Option(
        names = "--grace",
        paramLabel = "SECONDS",
        description = "Time between TERM and KILL; default: the --kill-after of each command.")
    private String grace;

    @Parameters(arity = "1..*", paramLabel = "NAME", description = "Names of sessions.")
    private List<String> names;

    Stop(Settings settings) {
      this.settings = settings;
    }

    @Override
    public Integer call() throws IOException {
      Grace time = EndCommands.grace(settings, spec, grace);
      Known known = Known.of(settings);
      // All of them before anything is done with one: a word may have been meant for something
      // else.
      List<String> problems = new ArrayList<>();
      for (String name : names) {
        problem(known, name).ifPresent(problems::add);
      }
      String others = names.size() > 1 ? "; nothing is done with any of them" : "";
      problems.forEach(p -> Messages.print(p + others));
      int status = problems.isEmpty() ? 0 : ExitCode.GUARD_ERROR;
      for (String name : problems.isEmpty() ? names : List.<String>of()) {
        int one = stop(known, name, time);
        status = one == 0 ? status : one;
      }
      return status;
    }

    private static int stop(Known known, String name, Grace grace) {
      try {
        return known.sessions.leaves(name)
            ? References.tell(name, known.sessions.stop(name, grace))
            : 0;
      } catch (IOException e) {
        Messages.print("session " + name + ": " + e.getMessage());
        return ExitCode.GUARD_ERROR;
      }
    }

    private static Optional<String> problem(Known known, String name) {
      try {
        return known.sessions.leaves(name) ? Optional.empty() : withoutSession(known, name);
      } catch (IOException e) {
        return Optional.of("session " + name + ": " + e.getMessage());
      }
    }

    /** One that has ended is what was asked for. */
    private static Optional<String> withoutSession(Known known, String name) throws IOException {
      Optional<Commands.Found> command =
          Session.isName(name) ? known.commands.find(name) : Optional.empty();
      if (command.isEmpty()) {
        return Optional.of(unknown(name));
      }
      return command
          .get()
          .live()
          .map(r -> name + " is a command and no session; guard stop " + name + " ends it");
    }
  }
}
