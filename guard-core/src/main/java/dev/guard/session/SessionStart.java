package dev.guard.session;

import dev.guard.config.GuardConfig;
import dev.guard.exec.limits.Scope;
import dev.guard.exec.limits.ScopePlan;
import dev.guard.exec.limits.SessionSlice;
import dev.guard.os.Cgroupfs;
import dev.guard.os.Child;
import dev.guard.os.Os;
import dev.guard.os.OsString;
import dev.guard.os.Procfs;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * The start of one session: a scope, in it a tmux server, in its window a guard, and inside that
 * one's limits the command.
 *
 * <p>tmux becomes a daemon before there is a window, and a server that runs already is nobody's
 * child, so limits on the call of tmux would not be the command's: they are set in the window.
 */
public final class SessionStart {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final long PAUSE_NANOS = 20_000_000L;
  private static final int PAUSES_BETWEEN_LOOKS = 20;
  private static final String STARTED = "started\n";

  /**
   * Run in the scope: says so, moves to the leaf that a guard in a delegated cgroup leaves it for,
   * so that the cgroup above can have limits below it, and becomes tmux. $0 is the mount point, or
   * empty where no controllers are there to be used.
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

  private final Os os = Os.linux();
  private final Procfs procfs = Procfs.system();
  private final Cgroupfs fs = Cgroupfs.system();
  private final Sessions sessions;
  private final SessionFiles files;
  private final Path guard;
  private final Path tmuxSettings;
  private final Consumer<String> notices;

  /**
   * Starts sessions.
   *
   * @param guard its program, bin/guard
   * @param tmuxSettings what a new tmux server reads
   * @param notices told of what is not as it was asked for
   */
  public SessionStart(Sessions sessions, Path guard, Path tmuxSettings, Consumer<String> notices) {
    this.sessions = sessions;
    this.files = sessions.files();
    this.guard = guard;
    this.tmuxSettings = tmuxSettings;
    this.notices = notices;
  }

  /**
   * Starts one, and waits until its command runs or is known not to.
   *
   * @param config the settings of its command
   * @throws IOException when it did not come to a command; then nothing is left of it
   */
  public SessionFiles.Told start(Session wanted, GuardConfig config) throws IOException {
    files.check(wanted.name(), wanted.shared());
    return files.locked(wanted.name(), () -> startLocked(wanted, config));
  }

  private SessionFiles.Told startLocked(Session wanted, GuardConfig config) throws IOException {
    refuseSecond(wanted);
    Session started = null;
    try {
      started = startTmux(wanted, config);
      boundWindows(started);
      SessionFiles.Told told = await(started);
      if (told.id().isEmpty()) {
        clear(started);
      }
      return told;
    } catch (IOException e) {
      clear(started == null ? wanted : started);
      throw e;
    }
  }

  private void refuseSecond(Session wanted) throws IOException {
    String name = wanted.name();
    Optional<Session> other = SessionFiles.read(files.spec(name));
    if (other.isPresent() && sessions.tmux(other.get()).show(other.get().inTmux()).exists()) {
      throw new IOException(
          "session "
              + name
              + " is there already; guard session attach "
              + name
              + ", or guard session stop "
              + name);
    }
    int left = wanted.shared() ? 0 : sessions.inScope(Session.unit(name)).size();
    if (left > 0) {
      throw new IOException(
          left
              + " processes of an earlier session "
              + name
              + " are left in "
              + Session.unit(name)
              + "; guard session stop "
              + name
              + " ends them");
    }
    files.remove(name);
  }

  private void clear(Session session) throws IOException {
    sessions.tmux(session).end(!session.shared(), session.inTmux());
    files.remove(session.name());
  }

  // ---- tmux

  private Session startTmux(Session wanted, GuardConfig config) throws IOException {
    Tmux tmux = sessions.tmux(wanted);
    String unit = wanted.shared() ? Session.SHARED_UNIT : Session.unit(wanted.name());
    if (wanted.shared() && tmux.isThere()) {
      boolean inScope = !sessions.inScope(unit).isEmpty();
      Session joining = wanted.in(inScope ? Optional.of(unit) : Optional.empty());
      if (!inScope) {
        sayUnprotected(wanted, "the tmux server for all sessions has none");
      }
      files.put(joining);
      run(newSession(tmux, joining), sessions.environment().entries());
      return joining;
    }
    Optional<GuardConfig> limited = wanted.shared() ? Optional.empty() : Optional.of(config);
    ScopePlan plan = SessionSlice.scope(os, procfs, fs, unit, limited);
    String problem = plan.problem();
    if (plan.scope().isPresent()) {
      Session inScope = wanted.in(Optional.of(unit));
      files.put(inScope);
      problem = runIn(plan.scope().get(), tmux, inScope);
      if (problem.isEmpty()) {
        return inScope;
      }
    }
    sayUnprotected(wanted, problem);
    files.put(wanted);
    run(newSession(tmux, wanted), sessions.environment().entries());
    return wanted;
  }

  private void sayUnprotected(Session session, String why) {
    notices.accept(
        "session "
            + session.name()
            + " has no scope of its own ("
            + why
            + "): it will die with the service or container that started it");
  }

  private List<OsString> newSession(Tmux tmux, Session session) {
    return tmux.words(
        "-f",
        tmuxSettings.toString(),
        "new-session",
        "-d",
        "-s",
        session.inTmux(),
        "-x",
        "200",
        "-y",
        "50",
        guard.toString(),
        "session",
        "run",
        files.spec(session.name()).toString());
  }

  /** Why there is no scope; empty: there is, with tmux in it. */
  private String runIn(Scope scope, Tmux tmux, Session session) throws IOException {
    Optional<SessionSlice> slice = sessions.slice();
    bound(scope, slice);
    List<OsString> argv = new ArrayList<>(scope.words());
    argv.addAll(
        List.of(
            OsString.of("/bin/sh"),
            OsString.of("-c"),
            OsString.of(INTO_LEAF),
            OsString.of(
                slice
                    .filter(this::hasControllers)
                    .map(s -> s.mountPoint().toString())
                    .orElse(""))));
    argv.addAll(newSession(tmux, session));
    Child.Ended ended;
    try {
      ended = Child.run(os, argv, scope.addedTo(sessions.environment().entries()), PATIENCE);
    } catch (IOException e) {
      return e.getMessage();
    }
    if (!ended.output().startsWith(STARTED)) {
      String said = ended.errors().strip().replaceAll("\\s+", " ");
      return said.isEmpty() ? "systemd-run gave no answer" : said;
    }
    check(ended);
    checkReserve(slice);
    return "";
  }

  private boolean hasControllers(SessionSlice slice) {
    try {
      return !fs.read(slice.mountPoint(), "cgroup.controllers").isEmpty();
    } catch (IOException e) {
      // The unified tree of an old hybrid host.
      return false;
    }
  }

  private static void run(List<OsString> argv, List<OsString> environment) throws IOException {
    check(Child.run(Os.linux(), argv, environment, PATIENCE));
  }

  private static void check(Child.Ended ended) throws IOException {
    if (ended.status() != 0) {
      throw new IOException("tmux: " + ended.errors().strip().replaceAll("\\s+", " "));
    }
  }

  // ---- the reserve

  /** A slice without limits is no reason to have no session. */
  private void bound(Scope scope, Optional<SessionSlice> slice) {
    try {
      if (slice.isPresent()) {
        slice.get().bound(procfs, scope);
      }
    } catch (IOException e) {
      notices.accept(e.getMessage());
    }
  }

  private void checkReserve(Optional<SessionSlice> slice) throws IOException {
    if (slice.filter(this::hasControllers).isEmpty()) {
      return;
    }
    SessionSlice.Bounds bounds = slice.get().bounds();
    warnOfMissing("memory", bounds.memory());
    warnOfMissing("tasks", bounds.tasks());
  }

  private void warnOfMissing(String what, OptionalLong bound) {
    if (bound.isEmpty()) {
      notices.accept(
          SessionSlice.UNIT
              + " has no limit of "
              + what
              + ", so sessions leave no reserve of it; see guard doctor cgroups");
    }
  }

  // ---- the command

  /** A new window of the session runs a shell inside the same limits. */
  private void boundWindows(Session session) throws IOException {
    Tmux tmux = sessions.tmux(session);
    String shell =
        "exec "
            + quoted(guard.toString())
            + " session run --shell "
            + quoted(files.spec(session.name()).toString());
    String target = "=" + session.inTmux();
    // It may have ended already, and its server with it.
    Child.Ended set = tmux.tell("set-option", "-t", target + ":", "default-command", shell);
    if (set.status() == 0 && !session.shared()) {
      // What the user's own settings of tmux have opened besides would not be inside limits.
      tmux.tell("kill-session", "-a", "-t", target);
    }
  }

  private static String quoted(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
  }

  private SessionFiles.Told await(Session session) throws IOException {
    for (int pause = 1; ; pause++) {
      Optional<SessionFiles.Told> told = files.take(session.name());
      if (told.isPresent()) {
        return told.get();
      }
      if (pause % PAUSES_BETWEEN_LOOKS == 0 && !sessions.runs(session)) {
        return files
            .take(session.name())
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
