package dev.guard.cli.session;

import dev.guard.cli.exec.ExecOption;
import dev.guard.cli.shared.ExitCode;
import dev.guard.cli.shared.Installation;
import dev.guard.cli.shared.Invocation;
import dev.guard.cli.shared.Messages;
import dev.guard.os.Kernel;
import dev.guard.os.OsException;
import dev.guard.os.OsString;
import dev.guard.session.Session;
import dev.guard.session.SessionFiles;
import dev.guard.session.StartResult;
import dev.guard.value.Environment;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code guard session run} is what tmux runs in each window of a session: it becomes {@code guard
 * exec} with the options and the environment of the session. Everything in a session is started
 * here.
 */
public final class RunSession {
  private static final String SHELL = "--shell";
  private static final OsString DEFAULT_SHELL = OsString.of("/bin/sh");

  /** The variables that are true of a window and not of whoever started the session. */
  private static final List<String> OF_WINDOW =
      List.of("TMUX", "TMUX_PANE", "TERM", "TERM_PROGRAM", "TERM_PROGRAM_VERSION", "COLORTERM");

  private RunSession() {}

  /** Becomes the guard of this window; returns only by an exception. */
  public static int run(Kernel kernel, Invocation invocation) throws IOException {
    List<OsString> given = invocation.arguments().subList(2, invocation.arguments().size());
    boolean shell = given.size() == 2 && given.get(0).equals(OsString.of(SHELL));
    if (given.size() != (shell ? 2 : 1)) {
      throw new IOException("session run: guard itself calls this; see guard session --help");
    }
    Path spec = Path.of(given.get(given.size() - 1).toString());
    Optional<Session> session = SessionFiles.read(kernel.os(), spec);
    if (session.isEmpty()) {
      throw new IOException("session run: " + spec + " is no session");
    }
    Environment environment = inWindow(session.get().environment(), invocation.environment());
    OsString guard = OsString.of(Installation.guard().toString());
    List<OsString> words = shell ? shell(session.get(), environment) : command(session.get());
    try {
      kernel.os().exec(guard, words, environment.entries());
    } catch (OsException e) {
      if (!shell) {
        SessionFiles.beside(kernel.os(), kernel.procfs(), spec)
            .putResult(
                session.get().name(),
                new StartResult(Optional.empty(), ExitCode.GUARD_ERROR, List.of(Messages.of(e))));
      }
      throw e;
    }
    throw new IllegalStateException("execve returned");
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
    List<OsString> words = new ArrayList<>(List.of(OsString.of("guard"), OsString.of("exec")));
    words.add(OsString.of(ExecOption.WINDOW + "=" + session.name()));
    words.addAll(session.options());
    words.addAll(more);
    words.add(OsString.of("--"));
    words.addAll(argv);
    return words;
  }
}
