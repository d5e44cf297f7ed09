package dev.guard.cli.session;

import dev.guard.cli.exec.ExecArguments;
import dev.guard.cli.exec.ExecHelp;
import dev.guard.cli.exec.ExecOption;
import dev.guard.cli.exec.ExecOutcome;
import dev.guard.cli.shared.ExitCode;
import dev.guard.cli.shared.Installation;
import dev.guard.cli.shared.Invocation;
import dev.guard.cli.shared.Messages;
import dev.guard.command.Commands;
import dev.guard.config.ConfigException;
import dev.guard.config.ConfigLoader;
import dev.guard.config.Effective;
import dev.guard.config.Setting;
import dev.guard.os.Kernel;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.OsString;
import dev.guard.record.CommandRecord;
import dev.guard.session.Session;
import dev.guard.session.SessionStart;
import dev.guard.session.Sessions;
import dev.guard.session.StartResult;
import dev.guard.value.Request;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** {@code guard session start} starts a command in a tmux of its own. */
public final class StartSession {
  private final Kernel kernel;
  private final Os os;
  private final Invocation invocation;
  private final ExecArguments arguments =
      ExecArguments.none("session start", ExecOption.OF_SESSION);
  private final List<String> problems = new ArrayList<>();
  private Optional<OsString> directory = Optional.empty();
  private Optional<OsString> file = Optional.empty();

  private StartSession(Kernel kernel, Invocation invocation) {
    this.kernel = kernel;
    this.os = kernel.os();
    this.invocation = invocation;
  }

  /** Starts a session and answers the exit status. */
  public static int run(Kernel kernel, Invocation invocation) throws IOException {
    return new StartSession(kernel, invocation).run();
  }

  private int run() throws IOException {
    Optional<String> name = parse();
    if (arguments.has("--help")) {
      System.out.print(ExecHelp.sessionStart());
      return 0;
    }
    problems.addAll(arguments.problems());
    boolean named = name.isPresent() && isName(name.get());
    directory = realPath(ExecOption.DIRECTORY, "name a directory that exists");
    file = realPath(ExecOption.CONFIG, "name a file that exists");
    Optional<Effective> effective = named ? effective(name.get()) : Optional.empty();
    if (!problems.isEmpty()) {
      problems.forEach(Messages::print);
      return ExitCode.GUARD_ERROR;
    }
    effective.get().notices().forEach(Messages::print);
    return start(session(name.get()), effective.get());
  }

  /**
   * Parses the words: NAME stands before the options or after them, and the command after --:
   * without that, the first word of a command would be taken for the name.
   */
  private Optional<String> parse() {
    boolean nameless =
        arguments.take(invocation.arguments().subList(2, invocation.arguments().size()));
    if (nameless || arguments.command().isEmpty()) {
      return missing();
    }
    String name = arguments.command().get(0).toString();
    boolean hasDashes =
        arguments.take(List.copyOf(arguments.command().subList(1, arguments.command().size())));
    return hasDashes && !arguments.command().isEmpty() ? Optional.of(name) : missing();
  }

  private Optional<String> missing() {
    if (!arguments.has("--help")) {
      problems.add(
          "session start: no name or no command given; write guard session start NAME [OPTION]... --"
              + " COMMAND [ARGUMENT]...");
    }
    return Optional.empty();
  }

  private boolean isName(String name) {
    try {
      Request.of("true").withName(name);
    } catch (IllegalArgumentException e) {
      problems.add("session " + e.getMessage());
      return false;
    }
    if (!Session.isName(name)) {
      problems.add(
          "session name: "
              + name
              + " is longer than "
              + Session.LONGEST_NAME
              + "; choose a shorter one");
      return false;
    }
    return true;
  }

  private Optional<OsString> realPath(String option, String remedy) {
    try {
      Optional<OsString> given = arguments.value(option);
      return given.isEmpty() ? given : Optional.of(os.realPath(given.get()));
    } catch (OsException e) {
      problems.add(option + ": " + e.getMessage() + "; " + remedy);
      return Optional.empty();
    }
  }

  // ---- settings

  private Optional<Effective> effective(String name) {
    Map<Setting, String> flags = arguments.flags();
    boolean untimed = flags.putIfAbsent(Setting.TIMEOUT, "0") == null;
    flags.putIfAbsent(Setting.BUDGET, Session.budget(name));
    try {
      Optional<OsString> at = directory.isPresent() ? directory : workingDirectory();
      return Optional.of(
          ConfigLoader.load(
              os, new ConfigLoader.Inputs(invocation.environment(), at, file, flags)));
    } catch (ConfigException e) {
      problems.addAll(e.problems());
      if (untimed && e.problems().stream().anyMatch(p -> p.startsWith(Setting.TIMEOUT.flag()))) {
        problems.add(
            "session start: a session has no timeout unless told, and yours must have one; add"
                + " --timeout SECONDS");
      }
      return Optional.empty();
    }
  }

  private Optional<OsString> workingDirectory() {
    try {
      return Optional.of(os.workingDirectory());
    } catch (OsException e) {
      // The working directory was removed: no project's file can be at or above it.
      return Optional.empty();
    }
  }

  // ---- start

  private Session session(String name) {
    List<OsString> options = new ArrayList<>();
    arguments.flags().forEach((s, text) -> options.add(OsString.of(s.flag() + "=" + text)));
    directory.ifPresent(d -> options.add(OsString.of(ExecOption.DIRECTORY + "=").concat(d)));
    file.ifPresent(f -> options.add(OsString.of(ExecOption.CONFIG + "=").concat(f)));
    // Commands that the session's command runs by guard exec count in the session's budget.
    String budget = arguments.flags().get(Setting.BUDGET);
    return new Session(
        name,
        List.copyOf(arguments.command()),
        options,
        invocation.environment().with(Setting.BUDGET.variable(), OsString.of(budget)),
        arguments.has(ExecOption.SHARED_SERVER),
        Optional.empty(),
        Instant.now(),
        OptionalLong.of(System.nanoTime()));
  }

  private int start(Session session, Effective effective) throws IOException {
    Commands commands = Commands.ofUser(Messages::print);
    Sessions sessions = Sessions.ofUser(kernel, commands, invocation.environment());
    StartResult result =
        new SessionStart(
                sessions, Installation.guard(), Installation.tmuxSettings(), Messages::print)
            .start(session, effective.config());
    result.messages().forEach(Messages::print);
    if (result.id().isEmpty()) {
      return result.exitCode();
    }
    for (CommandRecord record : commands.records()) {
      if (record.id().equals(result.id().get())) {
        ExecOutcome.degraded(record.layers(), effective).forEach(Messages::print);
      }
    }
    System.out.println(result.id().get());
    return System.out.checkError() ? ExitCode.GUARD_ERROR : 0;
  }
}
