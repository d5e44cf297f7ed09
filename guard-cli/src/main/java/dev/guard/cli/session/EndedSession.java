package dev.guard.cli.session;

import dev.guard.cli.shared.Invocation;
import dev.guard.cli.shared.Messages;
import dev.guard.command.Commands;
import dev.guard.os.Kernel;
import dev.guard.session.Session;
import dev.guard.session.Sessions;
import dev.guard.session.TmuxPane;
import java.io.IOException;

/**
 * {@code guard session ended} is what the guard of a window becomes when its command has ended: it
 * closes the window.
 */
public final class EndedSession {
  private EndedSession() {}

  /** Closes the window that this process is in, and answers the exit status, which nobody reads. */
  public static int run(Kernel kernel, Invocation invocation) throws IOException {
    String name =
        invocation.arguments().size() == 3 ? invocation.arguments().get(2).toString() : "";
    if (!Session.isName(name)) {
      throw new IOException("session ended: guard itself calls this; see guard session --help");
    }
    // Where this fails, tmux closes the window when it sees that its process has ended.
    TmuxPane.close(kernel.os(), invocation.environment());
    // The session has gone with its last window, and its file with everybody's secrets should go
    // too.
    Sessions.ofUser(kernel, Commands.ofUser(Messages::print), invocation.environment()).find(name);
    return 0;
  }
}
