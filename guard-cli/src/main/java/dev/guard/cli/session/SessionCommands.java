package dev.guard.cli.session;

import dev.guard.cli.shared.ExitCode;
import dev.guard.cli.shared.Messages;
import dev.guard.cli.shared.Settings;
import dev.guard.cli.shared.Texts;
import dev.guard.command.Commands;
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
 * {@code guard session} lists sessions, shows them and ends them. {@link StartSession} starts them.
 */
@Command(
    name = "session",
    description = "Commands on terminals of their own that outlive their callers, in tmux.",
    mixinStandardHelpOptions = true,
    subcommands = {
      SessionCommands.ListSessions.class,
      SessionCommands.SessionStatus.class,
      SessionCommands.AttachSession.class,
      StopSession.class
    },
    synopsisSubcommandLabel = "COMMAND")
public final class SessionCommands implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    throw new ParameterException(
        spec.commandLine(), "session: no command given; start, list, status, attach or stop");
  }

  static String unknown(String name) {
    return "no session " + Texts.shown(name) + " is there; guard session list has those that are";
  }

  private static int refuse(String name) {
    Messages.print(unknown(name));
    return ExitCode.GUARD_ERROR;
  }

  private static void say(String text) {
    System.out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Holds the sessions of this user, and the commands that may run in them. */
  record SessionsOfUser(Commands commands, Sessions sessions) {
    static SessionsOfUser of(Settings settings) throws IOException {
      Commands commands = Commands.ofUser(Messages::print);
      return new SessionsOfUser(
          commands,
          Sessions.ofUser(settings.kernel(), commands, settings.invocation().environment()));
    }

    SessionView view(LiveSession live) throws IOException {
      return SessionView.of(commands, sessions, live);
    }
  }

  /** {@code guard session list} lists the sessions of this user. */
  @Command(name = "list", description = "Lists your sessions.", mixinStandardHelpOptions = true)
  public static final class ListSessions implements Callable<Integer> {
    private final Settings settings;

    @Option(names = "--json", description = "As one JSON array.")
    private boolean json;

    public ListSessions(Settings settings) {
      this.settings = settings;
    }

    @Override
    public Integer call() throws IOException {
      SessionsOfUser user = SessionsOfUser.of(settings);
      List<SessionView> views = new ArrayList<>();
      for (LiveSession live : user.sessions.all(Messages::print)) {
        views.add(user.view(live));
      }
      say(json ? SessionView.toJson(views) : SessionView.toTable(views));
      return 0;
    }
  }

  /** {@code guard session status} says how a session is doing. */
  @Command(
      name = "status",
      description = "Says how a session is doing, and what bounds it.",
      mixinStandardHelpOptions = true)
  public static final class SessionStatus implements Callable<Integer> {
    private final Settings settings;

    @Option(names = "--json", description = "As a JSON array with one object.")
    private boolean json;

    @Parameters(arity = "1", paramLabel = "NAME", description = "The session's name.")
    private String name;

    public SessionStatus(Settings settings) {
      this.settings = settings;
    }

    @Override
    public Integer call() throws IOException {
      SessionsOfUser user = SessionsOfUser.of(settings);
      Optional<LiveSession> live = user.sessions.find(name);
      if (live.isEmpty()) {
        return refuse(name);
      }
      SessionView view = user.view(live.get());
      say(json ? SessionView.toJson(List.of(view)) : view.toText());
      return 0;
    }
  }

  /** {@code guard session attach} becomes a client of the session's tmux. */
  @Command(
      name = "attach",
      description = "Shows a session on this terminal, as tmux does.",
      mixinStandardHelpOptions = true)
  public static final class AttachSession implements Callable<Integer> {
    private final Settings settings;

    @Parameters(arity = "1", paramLabel = "NAME", description = "The session's name.")
    private String name;

    public AttachSession(Settings settings) {
      this.settings = settings;
    }

    @Override
    public Integer call() throws IOException {
      Sessions sessions = SessionsOfUser.of(settings).sessions;
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
}
