package dev.guard.cli.session;

import dev.guard.cli.exec.ExecCommand;
import dev.guard.cli.exec.ExecWitness;
import dev.guard.cli.shared.ExitCode;
import dev.guard.cli.shared.Invocation;
import dev.guard.cli.shared.Messages;
import dev.guard.command.Commands;
import dev.guard.os.Kernel;
import dev.guard.os.OsString;
import dev.guard.session.Session;
import dev.guard.session.SessionFiles;
import dev.guard.session.Sessions;
import dev.guard.session.StartResult;
import dev.guard.session.TmuxPane;
import dev.guard.value.Environment;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * {@code guard session run} is what tmux runs in each window of a session: {@code guard exec} with
 * the options and the environment of the session. Everything in a session is started here.
 */
public final class RunSession {
  private static final String SHELL = "--shell";
  private static final OsString DEFAULT_SHELL = OsString.of("/bin/sh");

  /** The variables that are true of a window and not of whoever started the session. */
  private static final List<String> OF_WINDOW =
      List.of("TMUX", "TMUX_PANE", "TERM", "TERM_PROGRAM", "TERM_PROGRAM_VERSION", "COLORTERM");

  private RunSession() {}

  public static int run(Kernel kernel, Invocation invocation) throws IOException {
    List<OsString> words = invocation.arguments().subList(2, invocation.arguments().size());
    boolean shell = words.size() == 2 && words.get(0).equals(OsString.of(SHELL));
    if (words.size() != (shell ? 2 : 1)) {
      throw new IOException("session run: guard itself calls this; see guard session --help");
    }
    Path spec = Path.of(words.get(words.size() - 1).toString());
    Optional<Session> session = SessionFiles.read(kernel.os(), spec);
    if (session.isEmpty()) {
      throw new IOException("session run: " + spec + " is no session");
    }
    Environment environment = inWindow(session.get().environment(), invocation.environment());
    Invocation exec =
        new Invocation(
            shell ? shell(session.get(), environment) : command(session.get()),
            environment,
            List.of(),
            Set.of(),
            invocation.ignoredSignals());
    Teller teller =
        new Teller(
            kernel,
            SessionFiles.beside(kernel.os(), kernel.procfs(), spec),
            session.get().name(),
            !shell,
            invocation.environment());
    try {
      return ExecCommand.run(kernel.os(), exec, teller);
    } catch (IOException e) {
      teller.notRun(ExitCode.GUARD_ERROR, List.of(e.getMessage()));
      throw e;
    }
  }

  private static Environment inWindow(Environment session, Environment window) {
    Environment all = session.without(OF_WINDOW.toArray(String[]::new));
    for (String name : OF_WINDOW) {
      Optional<OsString> value = window.get(name);
      all = value.isPresent() ? all.with(name, value.get()) : all;
    }
    return all;
  }

  private static List<OsString> command(Session session) {
    return exec(session, List.of(OsString.of("--name=" + session.name())), session.argv());
  }

  private static List<OsString> shell(Session session, Environment environment) {
    OsString shell = environment.get("SHELL").filter(s -> s.length() > 0).orElse(DEFAULT_SHELL);
    return exec(session, List.of(), List.of(shell));
  }

  private static List<OsString> exec(Session session, List<OsString> more, List<OsString> argv) {
    List<OsString> words = new ArrayList<>(List.of(OsString.of("exec")));
    words.addAll(session.options());
    words.addAll(more);
    words.add(OsString.of("--"));
    words.addAll(argv);
    return words;
  }

  /** Tells the starter of the session how its command goes, and closes the window at the end. */
  private record Teller(
      Kernel kernel, SessionFiles files, String name, boolean first, Environment window)
      implements ExecWitness {
    @Override
    public boolean released(String id) {
      return tell(new StartResult(Optional.of(id), 0, List.of()));
    }

    @Override
    public void notRun(int exitCode, List<String> messages) {
      // The messages are on the terminal too; the starter, if not told, sees that the window has
      // gone.
      boolean ignored = tell(new StartResult(Optional.empty(), exitCode, messages));
    }

    private boolean tell(StartResult result) {
      try {
        if (first) {
          files.putResult(name, result);
        }
        return true;
      } catch (IOException e) {
        Messages.print("session " + name + ": " + e.getMessage());
        return false;
      }
    }

    @Override
    public boolean endsItAtHangup() {
      return true;
    }

    @Override
    public void ended() {
      try {
        TmuxPane.close(kernel.os(), window);
        // The session has gone with its last window, and its file with everybody's secrets should
        // go too.
        Sessions.ofUser(kernel, Commands.ofUser(Messages::print), window).find(name);
      } catch (IOException e) {
        // Then tmux closes the pane when it sees that its process has ended.
        Messages.print("session " + name + ": " + e.getMessage());
      }
    }
  }
}
