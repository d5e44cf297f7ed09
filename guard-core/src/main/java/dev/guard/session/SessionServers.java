package dev.guard.session;

import dev.guard.config.GuardConfig;
import dev.guard.os.Os;
import dev.guard.os.OsString;
import dev.guard.os.ProgramResult;
import dev.guard.os.ProgramRunner;
import dev.guard.os.StartedProgram;
import dev.guard.systemd.Scope;
import dev.guard.systemd.ScopePlan;
import dev.guard.systemd.ScopeStart;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * Opens sessions on tmux servers, and starts the servers in scopes.
 *
 * <p>tmux becomes a daemon before there is a window, and a server that runs already is nobody's
 * child, so limits on the call of tmux would not be the command's: they are set in the window.
 */
final class SessionServers {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration EMPTY_PATIENCE = Duration.ofSeconds(2);
  private static final long PAUSE_NANOS = 20_000_000L;
  private static final String STARTED = "started\n";

  /**
   * The script that runs in the scope: it says so, moves to the leaf that a guard in a delegated
   * cgroup leaves it for, so that the cgroup above can have limits below it, and becomes tmux. $0
   * is the mount point, or empty where no controllers are there to be used.
   */
  private static final String INTO_LEAF =
      """
      echo started
      if [ -n "$0" ]; then
        while IFS=: read -r number _ path; do [ "$number" != 0 ] || leaf=$0$path/guard/self; done </proc/self/cgroup
        mkdir -p "$leaf" && echo $$ >"$leaf/cgroup.procs"
      fi
      exec "$@"
      """;

  private final Os os;
  private final Sessions sessions;
  private final SessionFiles files;
  private final Path guard;
  private final Path tmuxSettings;
  private final Consumer<String> notices;
  private final SessionReserve reserve;

  SessionServers(Sessions sessions, Path guard, Path tmuxSettings, Consumer<String> notices) {
    this.os = sessions.kernel().os();
    this.sessions = sessions;
    this.files = sessions.files();
    this.guard = guard;
    this.tmuxSettings = tmuxSettings;
    this.notices = notices;
    this.reserve = new SessionReserve(sessions.kernel().procfs(), notices);
  }

  /**
   * Opens a session on the server for all sessions, which is started where there is none. The
   * caller must hold the lock of that server.
   */
  Session openShared(Session wanted) throws IOException {
    Optional<Session> joined = join(wanted);
    if (joined.isPresent()) {
      return joined.get();
    }
    awaitEmpty(Session.SHARED_UNIT);
    sessions.refuseLeftovers(
        Session.SHARED_UNIT,
        "systemctl "
            + (os.userId() == 0 ? "" : "--user ")
            + "stop "
            + Session.SHARED_UNIT
            + " ends them");
    return startServer(wanted, Optional.empty());
  }

  /**
   * Opens the session on the server for all sessions; empty when there is none, or none any more.
   */
  private Optional<Session> join(Session wanted) throws IOException {
    Tmux tmux = sessions.tmux(wanted);
    OptionalInt server = tmux.server();
    if (server.isEmpty()) {
      return Optional.empty();
    }
    Optional<String> outer = SessionSlice.outer(sessions.kernel(), sessions.environment());
    if (outer.isPresent()) {
      throw new IOException(
          "this process is part of command "
              + outer.get()
              + ", whose limits a session on the server for all would be rid of; leave out"
              + " --shared-server");
    }
    boolean inScope = sessions.inScope(Session.SHARED_UNIT).contains(server.getAsInt());
    Session joining = wanted.in(inScope ? Optional.of(Session.SHARED_UNIT) : Optional.empty());
    files.put(joining);
    // The server may end with its last session just now, and must not be started here by this
    // client.
    List<OsString> words = newSession(tmux, joining);
    words.add(1, OsString.of("-N"));
    ProgramResult ended = ProgramRunner.run(os, words, sessions.environment().entries(), PATIENCE);
    if (ended.status() != 0 && !tmux.isThere()) {
      return Optional.empty();
    }
    check(ended);
    if (!inScope) {
      sayUnprotected(wanted, "the tmux server for all sessions has none");
    }
    return Optional.of(joining);
  }

  /** Waits until the last process of a scope has gone: a second one could not have its name. */
  private void awaitEmpty(String unit) throws IOException {
    long deadline = System.nanoTime() + EMPTY_PATIENCE.toNanos();
    while (!sessions.inScope(unit).isEmpty() && System.nanoTime() < deadline) {
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  /** Opens a session on a server of its own, in a scope that has the session's limits. */
  Session openOwn(Session wanted, GuardConfig config) throws IOException {
    return startServer(wanted, Optional.of(config));
  }

  /**
   * Starts a server with the session.
   *
   * @param limited the settings of the session that will be alone on the server; empty: of several
   */
  private Session startServer(Session wanted, Optional<GuardConfig> limited) throws IOException {
    Tmux tmux = sessions.tmux(wanted);
    String unit = wanted.shared() ? Session.SHARED_UNIT : Session.unit(wanted.name());
    ScopePlan plan = SessionSlice.scope(sessions.kernel(), sessions.environment(), unit, limited);
    String problem = plan.problem();
    Session started = wanted.in(plan.scope().map(s -> unit));
    files.put(started);
    if (plan.scope().isPresent()) {
      problem = runIn(plan.scope().get(), tmux, started);
    }
    if (!problem.isEmpty()) {
      sayUnprotected(wanted, problem);
      started = wanted;
      files.put(started);
      check(
          ProgramRunner.run(
              os, newSession(tmux, started), sessions.environment().entries(), PATIENCE));
    }
    // Windows that the user's own settings of tmux have opened besides would not be inside limits.
    // The session may have ended already, and its server with it.
    ProgramResult ignored = tmux.tell("kill-session", "-a", "-t", "=" + started.inTmux());
    return started;
  }

  private void sayUnprotected(Session session, String why) {
    notices.accept(
        "session "
            + session.name()
            + " has no scope of its own ("
            + why
            + "): it will die with the service or container that started it");
  }

  /** Opens the session, and has each further window of it run a shell inside the same limits. */
  private List<OsString> newSession(Tmux tmux, Session session) {
    String spec = files.spec(session.name()).toString();
    String shell = "exec " + quoted(guard.toString()) + " session run --shell " + quoted(spec);
    List<String> words = new ArrayList<>(List.of("-f", tmuxSettings.toString(), "new-session"));
    words.addAll(List.of("-d", "-s", session.inTmux(), "-x", "200", "-y", "50"));
    words.addAll(List.of(guard.toString(), "session", "run", spec, ";"));
    words.addAll(
        List.of("set-option", "-t", "=" + session.inTmux() + ":", "default-command", shell));
    return tmux.words(words.toArray(String[]::new));
  }

  private static String quoted(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
  }

  /** Starts the server in a scope; says why it does not run there, and nothing where it does. */
  private String runIn(Scope scope, Tmux tmux, Session session) throws IOException {
    Optional<SessionSlice> slice = sessions.slice();
    reserve.bound(scope, slice);
    List<OsString> argv = new ArrayList<>(scope.words());
    argv.addAll(
        List.of(
            OsString.of("/bin/sh"),
            OsString.of("-c"),
            OsString.of(INTO_LEAF),
            OsString.of(
                slice
                    .filter(SessionSlice::hasControllers)
                    .map(s -> s.mountPoint().toString())
                    .orElse(""))));
    argv.addAll(newSession(tmux, session));
    List<OsString> environment = scope.putInto(sessions.environment().entries());
    ProgramResult ended;
    try (StartedProgram program = StartedProgram.start(os, argv, environment, 0)) {
      Optional<ScopeStart.Failure> failure =
          ScopeStart.await(os, scope, program, STARTED, PATIENCE);
      if (failure.isPresent()) {
        return failure.get().problem();
      }
      ended = ProgramRunner.finish(os, program, argv.get(0), PATIENCE);
    } catch (IOException e) {
      return e.getMessage() + scope.giveUp(os);
    }
    check(ended);
    reserve.check(slice);
    return "";
  }

  private static void check(ProgramResult ended) throws IOException {
    if (ended.status() != 0) {
      throw new IOException("tmux: " + ended.errors().strip().replaceAll("\\s+", " "));
    }
  }
}
