package dev.guard.session;

import dev.guard.config.GuardConfig;
import dev.guard.os.Os;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * Starts one session: a scope, in it a tmux server, in its window a guard, and inside that one's
 * limits the command. Two starts of one name exclude each other, and nothing is left of a start
 * that fails.
 */
public final class SessionStart {
  private static final long PAUSE_NANOS = 20_000_000L;
  private static final int PAUSES_BETWEEN_LOOKS = 20;

  private final Os os;
  private final Sessions sessions;
  private final SessionFiles files;
  private final SessionServers servers;

  /**
   * Makes the starter of sessions.
   *
   * @param guard guard's own program, bin/guard
   * @param tmuxSettings the file of settings that a new tmux server reads
   * @param notices told of each thing that is not as it was asked for
   */
  public SessionStart(Sessions sessions, Path guard, Path tmuxSettings, Consumer<String> notices) {
    this.os = sessions.kernel().os();
    this.sessions = sessions;
    this.files = sessions.files();
    this.servers = new SessionServers(sessions, guard, tmuxSettings, notices);
  }

  /**
   * Starts a session, and waits until its command runs or is known not to.
   *
   * @param config the settings of the session's command
   * @throws IOException when no command runs; then nothing is left of the session
   */
  public StartResult start(Session wanted, GuardConfig config) throws IOException {
    files.check(wanted.name(), wanted.shared());
    return files.locked(wanted.name(), () -> startLocked(wanted, config));
  }

  private StartResult startLocked(Session wanted, GuardConfig config) throws IOException {
    refuseSecond(wanted);
    Session started = null;
    try {
      started =
          wanted.shared()
              ? files.lockedShared(() -> servers.openShared(wanted))
              : servers.openOwn(wanted, config);
      StartResult result = await(started);
      if (result.id().isEmpty()) {
        clear(started);
      }
      return result;
    } catch (IOException e) {
      clear(started == null ? wanted : started);
      throw e;
    }
  }

  private void refuseSecond(Session wanted) throws IOException {
    String name = wanted.name();
    Optional<Session> other = SessionFiles.read(os, files.spec(name));
    if (other.isPresent()) {
      if (sessions.windows().run(other.get())) {
        throw new IOException(
            "session "
                + name
                + " is there already; guard session attach "
                + name
                + ", or guard session stop "
                + name);
      }
      sessions.forget(other.get());
    }
    if (sessions.tmux(wanted).show(wanted.inTmux()).exists()) {
      throw new IOException(
          "the tmux server at "
              + files.socket(wanted.shared(), name)
              + " has a session "
              + name
              + " that guard did not start; choose another name");
    }
    if (!wanted.shared()) {
      sessions.refuseLeftovers(Session.unit(name), "guard session stop " + name + " ends them");
    }
    files.remove(name);
  }

  private void clear(Session session) throws IOException {
    sessions.tmux(session).end(!session.shared(), session.inTmux());
    files.remove(session.name());
  }

  private StartResult await(Session session) throws IOException {
    for (int pause = 1; ; pause++) {
      Optional<StartResult> result = files.takeResult(session.name());
      if (result.isPresent()) {
        return result.get();
      }
      if (pause % PAUSES_BETWEEN_LOOKS == 0 && !sessions.windows().run(session)) {
        return files
            .takeResult(session.name())
            .orElseThrow(
                () ->
                    new IOException(
                        "session "
                            + session.name()
                            + " ended before its command ran; see whether guard exec -- true works"));
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }
}
