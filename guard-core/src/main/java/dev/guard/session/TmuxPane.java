package dev.guard.session;

import dev.guard.launch.NotExecutedException;
import dev.guard.launch.Program;
import dev.guard.os.Os;
import dev.guard.os.OsString;
import dev.guard.value.Environment;
import dev.guard.value.Request;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Closes the pane of tmux that a process is in. */
public final class TmuxPane {
  private TmuxPane() {}

  /**
   * Closes the pane that this process is in, which ends the session when it was its last one. tmux
   * (3.3a) misses the end of a child now and then, and the pane would stay for ever.
   *
   * @param environment the environment of a process in the pane; without the variables of tmux
   *     nothing is done
   */
  public static void close(Os os, Environment environment) throws IOException {
    Optional<String> server = environment.get("TMUX").map(OsString::toString);
    Optional<OsString> pane = environment.get("TMUX_PANE");
    if (server.isEmpty() || pane.isEmpty()) {
      return;
    }
    // SOCKET,PID,SESSION
    String socket = server.get().replaceFirst(",[^,]*,[^,]*$", "");
    try {
      Request tmux = Request.of("tmux").withEnvironment(environment);
      OsString program = Program.find(os, tmux).path();
      new Tmux(os, program, environment.entries(), Path.of(socket))
          .tell("kill-pane", "-t", pane.get().toString());
    } catch (NotExecutedException e) {
      throw new IOException(e.getMessage(), e);
    }
  }
}
