package dev.guard.session;

import dev.guard.command.Commands;
import dev.guard.command.Grace;
import dev.guard.launch.NotExecutedException;
import dev.guard.launch.Program;
import dev.guard.os.Cgroupfs;
import dev.guard.os.Kernel;
import dev.guard.os.Os;
import dev.guard.os.OsString;
import dev.guard.os.OwnFiles;
import dev.guard.os.Procfs;
import dev.guard.record.CommandRecord;
import dev.guard.value.Environment;
import dev.guard.value.Request;
import dev.guard.value.Result.Survivor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** Finds the sessions of this user, and ends them. */
public final class Sessions {
  private final Kernel kernel;
  private final Os os;
  private final Procfs procfs;
  private final Cgroupfs fs;
  private final Commands commands;
  private final SessionFiles files;
  private final OsString program;
  private final Environment environment;

  private Sessions(
      Kernel kernel,
      Commands commands,
      SessionFiles files,
      OsString program,
      Environment environment) {
    this.kernel = kernel;
    this.os = kernel.os();
    this.procfs = kernel.procfs();
    this.fs = kernel.cgroupfs();
    this.commands = commands;
    this.files = files;
    this.program = program;
    this.environment = environment;
  }

  /**
   * Finds the sessions of the user that this process runs as.
   *
   * @param environment the variables by which tmux is looked for, and which a server gets that is
   *     started
   * @throws IOException also where there is no tmux
   */
  public static Sessions ofUser(Kernel kernel, Commands commands, Environment environment)
      throws IOException {
    Os os = kernel.os();
    try {
      Request tmux = Request.of("tmux").withEnvironment(environment);
      OsString program = Program.find(os, tmux).path();
      Optional<String> runtime = environment.get("XDG_RUNTIME_DIR").map(OsString::toString);
      SessionFiles files = SessionFiles.ofUser(os, kernel.procfs(), runtime);
      Environment outside = environment.without("TMUX", "TMUX_PANE");
      return new Sessions(kernel, commands, files, program, outside);
    } catch (NotExecutedException e) {
      throw new IOException(
          "sessions need tmux (" + e.getMessage() + "); install it, e.g. apt install tmux", e);
    }
  }

  /** Answers the environment for tmux servers that are started. */
  Environment environment() {
    return environment;
  }

  /** Answers the kernel, for whoever starts another. */
  Kernel kernel() {
    return kernel;
  }

  SessionFiles files() {
    return files;
  }

  Tmux tmux(Session session) {
    return new Tmux(
        os, program, environment.entries(), files.socket(session.shared(), session.name()));
  }

  SessionWindows windows() {
    return new SessionWindows(procfs, this::tmux);
  }

  /** Finds the slice of sessions and its scopes, where a v2 hierarchy is mounted. */
  Optional<SessionSlice> slice() throws IOException {
    return SessionSlice.ofUser(kernel, environment);
  }

  // ---- to see them

  /**
   * Finds all sessions that are there, by name. The files of sessions that have ended are removed.
   *
   * @param problems told of each that can not be looked at, while the others are
   */
  public List<LiveSession> all(Consumer<String> problems) throws IOException {
    List<LiveSession> all = new ArrayList<>();
    List<CommandRecord> records = commands.records();
    for (String name : files.names()) {
      try {
        find(name, records).ifPresent(all::add);
      } catch (IOException e) {
        problems.accept("session " + name + ": " + e.getMessage());
      }
    }
    return all;
  }

  /** Finds the session of this name, if it is there. */
  public Optional<LiveSession> find(String name) throws IOException {
    return find(name, commands.records());
  }

  private Optional<LiveSession> find(String name, List<CommandRecord> records) throws IOException {
    if (!Session.isName(name)) {
      return Optional.empty();
    }
    Optional<Session> session = SessionFiles.read(os, files.spec(name));
    Optional<LiveSession> live =
        session.isEmpty() ? Optional.empty() : windows().describe(session.get(), records);
    if (live.isPresent()) {
      return live;
    }
    // The guard that has the lock starts the session or stops it, and knows better.
    boolean[] free = new boolean[1];
    files.ifFree(
        name,
        () -> {
          free[0] = true;
          if (session.isEmpty()) {
            files.remove(name);
          } else if (windows().describe(session.get(), records).isEmpty()) {
            forget(session.get());
          }
        });
    return free[0] || session.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new LiveSession(session.get(), SessionState.CHANGING, Optional.empty(), List.of(), 0));
  }

  /**
   * Forgets a session, with the parts that may be there without a process in it: a server of its
   * own, after a start that was killed, or a window that tmux has not seen the end of.
   */
  void forget(Session session) throws IOException {
    tmux(session).end(!session.shared(), session.inTmux());
    files.remove(session.name());
  }

  /**
   * Reads how the scope of the session's tmux server is bounded, with all others; nothing without a
   * scope.
   */
  public Optional<SessionSlice.Bounds> reserve(Session session) throws IOException {
    Optional<SessionSlice> slice = session.unit().isEmpty() ? Optional.empty() : slice();
    return slice.isEmpty() ? Optional.empty() : Optional.of(slice.get().bounds());
  }

  /** Makes the words that show the session on this terminal; the first one is a path. */
  public List<OsString> attaching(Session session) {
    return tmux(session).words("attach-session", "-t", "=" + session.inTmux());
  }

  // ---- to end them

  /**
   * Ends a session with all its processes: its commands as {@code guard stop} does, then its
   * windows, then the rest of its scope. A second call has no effect.
   *
   * @return the processes that could not be ended; empty: proved that nothing is left of commands
   *     and scope
   */
  public List<Survivor> stop(String name, Grace grace) throws IOException {
    return files.locked(
        name, () -> new SessionEnd(this, commands, os, procfs, fs).end(name, grace));
  }

  /** Tells whether anything of the session of this name is there, or of its scope. */
  public boolean leaves(String name) throws IOException {
    return Session.isName(name) && (isThere(name) || !inScope(Session.unit(name)).isEmpty());
  }

  private boolean isThere(String name) throws IOException {
    try {
      return find(name).isPresent();
    } catch (OwnFiles.UnusableException e) {
      // The damaged file still says that there was a session, though not which one.
      return true;
    }
  }

  /** Fails where processes of an earlier session are left in a scope, with the remedy. */
  void refuseLeftovers(String unit, String remedy) throws IOException {
    int left = inScope(unit).size();
    if (left > 0) {
      throw new IOException(left + " earlier processes are left in " + unit + "; " + remedy);
    }
  }

  /** Lists the processes in a scope of the slice. */
  Set<Integer> inScope(String unit) throws IOException {
    Optional<SessionSlice> slice = slice();
    return slice.isPresent() ? slice.get().processes(unit) : Set.of();
  }
}
