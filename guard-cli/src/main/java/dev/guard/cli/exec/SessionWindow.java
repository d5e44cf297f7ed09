package dev.guard.cli.exec;

import dev.guard.cli.shared.Messages;
import dev.guard.os.Kernel;
import dev.guard.os.OsString;
import dev.guard.session.Session;
import dev.guard.session.SessionFiles;
import dev.guard.session.StartResult;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Tells the starter of a session how the command in a window of it goes.
 *
 * @param files the files of the user's sessions
 * @param name of the session
 * @param isFirst whether this is the window whose command the starter waits for
 */
record SessionWindow(SessionFiles files, String name, boolean isFirst) {
  /** Finds the window that a command runs in; empty: it is none, or no session can be called so. */
  static Optional<SessionWindow> of(Kernel kernel, ExecArguments arguments) throws IOException {
    Optional<String> name = arguments.value(ExecOption.WINDOW).map(OsString::toString);
    if (name.filter(Session::isName).isEmpty()) {
      return Optional.empty();
    }
    // The store of this process, which is the caller's, too, and no path that a caller names.
    Optional<String> runtime = Optional.ofNullable(System.getenv("XDG_RUNTIME_DIR"));
    return Optional.of(
        new SessionWindow(
            SessionFiles.ofUser(kernel.os(), kernel.procfs(), runtime),
            name.get(),
            arguments.has(ExecOption.NAME)));
  }

  /** Tells that the command runs; answers false where nobody could be told. */
  boolean released(String id) {
    return tell(new StartResult(Optional.of(id), 0, List.of()));
  }

  /** Tells that the command does not run. */
  void notRun(int exitCode, List<String> messages) {
    // The messages are on the terminal too; a starter that is not told sees that the window has
    // gone.
    boolean ignored = tell(new StartResult(Optional.empty(), exitCode, messages));
  }

  private boolean tell(StartResult result) {
    try {
      if (isFirst) {
        files.putResult(name, result);
      }
      return true;
    } catch (IOException e) {
      Messages.print("session " + name + ": " + Messages.of(e));
      return false;
    }
  }
}
