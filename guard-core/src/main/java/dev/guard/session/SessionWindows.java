package dev.guard.session;

import dev.guard.os.Procfs;
import dev.guard.record.CommandRecord;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/** Asks tmux for the windows of a session, and tells from them how the session is doing. */
final class SessionWindows {
  private final Procfs procfs;
  private final Function<Session, Tmux> servers;

  /**
   * Makes the questions to these servers.
   *
   * @param servers the server that a session is on
   */
  SessionWindows(Procfs procfs, Function<Session, Tmux> servers) {
    this.procfs = procfs;
    this.servers = servers;
  }

  /** Finds the processes of the session's windows, as far as there are any. */
  Set<Integer> processes(Session session) throws IOException {
    return alive(ask(session));
  }

  private Tmux.Panes ask(Session session) throws IOException {
    return servers.apply(session).show(session.inTmux());
  }

  /** Tells whether a process runs in one of the session's windows, as far as tmux can be asked. */
  boolean run(Session session) throws IOException {
    try {
      return !processes(session).isEmpty();
    } catch (Tmux.SilentException e) {
      return true;
    }
  }

  /**
   * Describes a session by its windows and the records of commands.
   *
   * @return empty when the session is not there any more, or not yet
   */
  Optional<LiveSession> describe(Session session, List<CommandRecord> records) throws IOException {
    Tmux.Panes panes;
    try {
      panes = ask(session);
    } catch (Tmux.SilentException e) {
      return Optional.of(
          new LiveSession(session, SessionState.SILENT, main(session, records), List.of(), 0));
    }
    Set<Integer> alive = alive(panes);
    if (alive.isEmpty()) {
      return Optional.empty();
    }
    List<CommandRecord> inPanes =
        records.stream().filter(r -> alive.contains(r.guard().pid())).toList();
    Optional<CommandRecord> command = main(session, inPanes);
    SessionState state =
        command.isPresent() || isYoung(alive, inPanes) ? SessionState.RUNNING : SessionState.LEFT;
    List<CommandRecord> others =
        inPanes.stream().filter(r -> !command.equals(Optional.of(r))).toList();
    return Optional.of(new LiveSession(session, state, command, others, panes.attached()));
  }

  /** Tells whether the pane holds a guard that has no record yet. */
  private static boolean isYoung(Set<Integer> panes, List<CommandRecord> inPanes) {
    return inPanes.isEmpty() && panes.size() == 1;
  }

  private static Optional<CommandRecord> main(Session session, List<CommandRecord> records) {
    return records.stream()
        .filter(r -> r.name().filter(session.name()::equals).isPresent())
        .findFirst();
  }

  /**
   * Leaves out the processes that have ended while tmux has not seen it: the number may be another
   * process's by now, which is no child of that server.
   */
  private Set<Integer> alive(Tmux.Panes panes) throws IOException {
    Set<Integer> alive = new TreeSet<>();
    for (int pane : panes.processes()) {
      if (procfs.stat(pane).filter(s -> !s.ended() && s.parent() == panes.server()).isPresent()) {
        alive.add(pane);
      }
    }
    return alive;
  }
}
