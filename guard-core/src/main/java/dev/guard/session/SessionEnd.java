package dev.guard.session;

import dev.guard.command.Commands;
import dev.guard.command.Grace;
import dev.guard.os.Cgroupfs;
import dev.guard.os.Os;
import dev.guard.os.OwnFiles;
import dev.guard.os.Procfs;
import dev.guard.process.Member;
import dev.guard.process.Tree;
import dev.guard.reap.Reaper;
import dev.guard.record.CommandRecord;
import dev.guard.value.Result.Survivor;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Ends one session, from its commands outwards, so that each guard tells how its command ended. */
final class SessionEnd {
  private final Sessions sessions;
  private final Commands commands;
  private final Os os;
  private final Procfs procfs;
  private final Cgroupfs fs;

  SessionEnd(Sessions sessions, Commands commands, Os os, Procfs procfs, Cgroupfs fs) {
    this.sessions = sessions;
    this.commands = commands;
    this.os = os;
    this.procfs = procfs;
    this.fs = fs;
  }

  List<Survivor> end(String name, Grace each) throws IOException {
    refuseFromInside(name);
    List<Survivor> survivors = new ArrayList<>();
    Optional<Session> session;
    Optional<LiveSession> live = Optional.empty();
    try {
      session = SessionFiles.read(os, sessions.files().spec(name));
      live = session.isEmpty() ? Optional.empty() : sessions.find(name);
    } catch (OwnFiles.UnusableException e) {
      // The name alone leads to the server of a damaged session, unless that was the one for all.
      session = Optional.of(Session.damaged(name));
    }
    Duration grace = live.flatMap(LiveSession::command).map(each::of).orElse(each.withoutRecord());
    if (live.isPresent()) {
      List<CommandRecord> records = new ArrayList<>(live.get().command().stream().toList());
      records.addAll(live.get().windows());
      for (CommandRecord record : records) {
        survivors.addAll(commands.end(record, each.of(record)));
      }
    }
    if (session.isPresent()) {
      survivors.addAll(endInTmux(session.get(), grace));
    }
    survivors.addAll(endScope(Session.unit(name), grace));
    if (survivors.isEmpty()) {
      sessions.files().remove(name);
    }
    return survivors;
  }

  private void refuseFromInside(String name) throws IOException {
    if (sessions.inScope(Session.unit(name)).contains(os.pid())) {
      throw new IOException(
          "this process is part of session " + name + " itself; stop it from outside");
    }
  }

  private List<Survivor> endInTmux(Session session, Duration grace) throws IOException {
    List<Survivor> survivors = new ArrayList<>();
    try {
      // Windows that were opened without guard; what has left them is found in the scope.
      for (int pane : sessions.windows().processes(session)) {
        survivors.addAll(end(pane, grace));
      }
      sessions.tmux(session).end(!session.shared(), session.inTmux());
    } catch (Tmux.SilentException e) {
      // A server of its own is in its scope, if it has one, and ends with that.
      if (session.shared() || session.unit().isEmpty()) {
        throw e;
      }
    }
    return survivors;
  }

  private List<Survivor> end(int pane, Duration grace) throws IOException {
    Optional<Procfs.Stat> stat = procfs.stat(pane);
    if (stat.isEmpty() || stat.get().ended()) {
      return List.of();
    }
    Member window = new Member("window", pane, stat.get().startTicks(), 0, 0, List.of());
    return new Reaper(os, Tree.of(procfs, fs, window)).end(grace);
  }

  /** Ends the processes that have left their window, and a tmux that does not answer. */
  private List<Survivor> endScope(String unit, Duration grace) throws IOException {
    Optional<SessionSlice> slice = sessions.slice();
    if (slice.isEmpty() || sessions.inScope(unit).isEmpty()) {
      return List.of();
    }
    Member all = new Member(unit, Member.NOBODY, 0, 0, 0, List.of(slice.get().scope(unit)));
    return new Reaper(os, Tree.of(procfs, fs, all)).end(grace);
  }
}
