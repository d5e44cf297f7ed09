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
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/** All sessions of this user: to see them, and to end them. */
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
   * Those of the user that this process runs as.
   *
   * @param environment in which tmux is looked for, and which a server gets that is started
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

  /** How a session is doing. */
  public enum State {
    /** Its command lives. */
    RUNNING,
    /** Its command has ended, and other windows of it are open. */
    LEFT,
    /** Another guard starts or stops it. */
    CHANGING,
    /** Its tmux server does not answer. */
    SILENT
  }

  /**
   * A session that is there, at one moment.
   *
   * @param command its command, while that lives
   * @param windows the commands in its other windows
   * @param attached how many clients show it
   */
  public record Live(
      Session session,
      State state,
      Optional<CommandRecord> command,
      List<CommandRecord> windows,
      int attached) {}

  /** For tmux servers that are started. */
  Environment environment() {
    return environment;
  }

  /** For whoever starts another. */
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

  /** The scopes and the slice of sessions, where a v2 hierarchy is mounted. */
  Optional<SessionSlice> slice() throws IOException {
    return SessionSlice.ofUser(os, procfs, fs);
  }

  // ---- to see them

  /**
   * All that are there, by name. What is left of those that have ended is removed.
   *
   * @param problems told of each that can not be looked at, while the others are
   */
  public List<Live> all(Consumer<String> problems) throws IOException {
    List<Live> all = new ArrayList<>();
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

  /** The session of this name, if it is there. */
  public Optional<Live> find(String name) throws IOException {
    return find(name, commands.records());
  }

  private Optional<Live> find(String name, List<CommandRecord> records) throws IOException {
    if (!Session.isName(name)) {
      return Optional.empty();
    }
    Optional<Session> session = SessionFiles.read(os, files.spec(name));
    Optional<Live> live = session.isEmpty() ? Optional.empty() : look(session.get(), records);
    if (live.isPresent()) {
      return live;
    }
    // Whoever has the lock starts it or stops it, and knows better.
    boolean[] free = new boolean[1];
    files.ifFree(
        name,
        () -> {
          free[0] = true;
          if (session.isEmpty()) {
            files.remove(name);
          } else if (look(session.get(), records).isEmpty()) {
            forget(session.get());
          }
        });
    return free[0] || session.isEmpty()
        ? Optional.empty()
        : Optional.of(new Live(session.get(), State.CHANGING, Optional.empty(), List.of(), 0));
  }

  /**
   * With what may be there without a process in it: a server of its own, after a start that was
   * killed, or a window that tmux has not seen the end of.
   */
  void forget(Session session) throws IOException {
    tmux(session).end(!session.shared(), session.inTmux());
    files.remove(session.name());
  }

  /** The processes of its windows, as far as there are any. */
  Set<Integer> panes(Session session) throws IOException {
    return alive(tmux(session).show(session.inTmux()));
  }

  /** Empty when it is not there any more, or not yet. */
  private Optional<Live> look(Session session, List<CommandRecord> records) throws IOException {
    Tmux.Shown shown;
    try {
      shown = tmux(session).show(session.inTmux());
    } catch (Tmux.SilentException e) {
      return Optional.of(new Live(session, State.SILENT, main(session, records), List.of(), 0));
    }
    Set<Integer> alive = alive(shown);
    if (alive.isEmpty()) {
      return Optional.empty();
    }
    List<CommandRecord> inPanes =
        records.stream().filter(r -> alive.contains(r.guard().pid())).toList();
    Optional<CommandRecord> command = main(session, inPanes);
    State state = command.isPresent() || isYoung(alive, inPanes) ? State.RUNNING : State.LEFT;
    List<CommandRecord> windows =
        inPanes.stream().filter(r -> !command.equals(Optional.of(r))).toList();
    return Optional.of(new Live(session, state, command, windows, shown.attached()));
  }

  /** Whether a process runs in one of its windows, as far as tmux can be asked. */
  boolean runs(Session session) throws IOException {
    try {
      return !panes(session).isEmpty();
    } catch (Tmux.SilentException e) {
      return true;
    }
  }

  /** A guard in a pane that has no record yet. */
  private static boolean isYoung(Set<Integer> panes, List<CommandRecord> inPanes) {
    return inPanes.isEmpty() && panes.size() == 1;
  }

  private static Optional<CommandRecord> main(Session session, List<CommandRecord> records) {
    return records.stream()
        .filter(r -> r.name().filter(session.name()::equals).isPresent())
        .findFirst();
  }

  /**
   * The processes of panes, without those that have ended while tmux has not seen it: the number
   * may be another's by now, who is no child of that server.
   */
  private Set<Integer> alive(Tmux.Shown shown) throws IOException {
    Set<Integer> alive = new TreeSet<>();
    for (int pane : shown.panes()) {
      if (procfs.stat(pane).filter(s -> !s.ended() && s.parent() == shown.server()).isPresent()) {
        alive.add(pane);
      }
    }
    return alive;
  }

  /** What its tmux server's scope is bounded by, with all others; nothing without a scope. */
  public Optional<SessionSlice.Bounds> reserve(Session session) throws IOException {
    Optional<SessionSlice> slice = session.unit().isEmpty() ? Optional.empty() : slice();
    return slice.isEmpty() ? Optional.empty() : Optional.of(slice.get().bounds());
  }

  /** The words that show it on this terminal; the first one is a path. */
  public List<OsString> attaching(Session session) {
    return tmux(session).words("attach-session", "-t", "=" + session.inTmux());
  }

  // ---- to end them

  /**
   * Ends a session with all that is in it: its commands as {@code guard stop} does, then its
   * windows, then whatever is left in its scope. Again: no effect.
   *
   * @return who could not be ended; empty: proved that nothing is left of commands and scope
   */
  public List<Survivor> stop(String name, Grace grace) throws IOException {
    return files.locked(
        name, () -> new SessionEnd(this, commands, os, procfs, fs).end(name, grace));
  }

  /** Whether anything of the session of this name is there, or of its scope. */
  public boolean leaves(String name) throws IOException {
    return Session.isName(name) && (isThere(name) || !inScope(Session.unit(name)).isEmpty());
  }

  private boolean isThere(String name) throws IOException {
    try {
      return find(name).isPresent();
    } catch (OwnFiles.UnusableException e) {
      // Of what it was the file says nothing any more, but that it was.
      return true;
    }
  }

  /** The processes in a scope of the slice. */
  Set<Integer> inScope(String unit) throws IOException {
    Set<Integer> processes = new TreeSet<>();
    Optional<SessionSlice> slice = slice();
    if (slice.isPresent()) {
      for (Path cgroup : fs.subtree(slice.get().scope(unit))) {
        processes.addAll(fs.processes(cgroup));
      }
    }
    return processes;
  }
}
