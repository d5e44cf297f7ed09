package dev.guard.cli.terminal;

import dev.guard.command.CommandHandle;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.Procfs;
import dev.guard.os.SignalCalls;
import dev.guard.os.Signals;
import java.io.IOException;
import java.util.Optional;

/**
 * Stops and continues guard with its command, so that the shell that waits for guard sees what it
 * would see of the command itself.
 */
final class JobControl {
  private final Os os;
  private final Terminal terminal;
  private final CommandHandle command;
  private final int ownGroup;
  // True for a stop that came to guard itself: its sender chose who else gets it.
  private boolean passedOn;

  JobControl(Os os, Terminal terminal, CommandHandle command) throws OsException {
    this.os = os;
    this.terminal = terminal;
    this.command = command;
    this.ownGroup = os.processGroup(0);
  }

  /** Acts on TSTP, TTIN or TTOU, which Guard got alone or with its whole group. */
  void stopRequested(int signal) throws OsException {
    boolean uses = signal != Signals.TSTP;
    if (uses && terminal.ownGroupAsks()) {
      os.kill(-ownGroup, Signals.CONT);
    } else {
      // Before the signal, which may come back to guard as the stop of its command.
      passedOn = true;
      if (!command.signalIfRunning(signal)) {
        passedOn = false;
        stopSelf(signal);
      }
    }
  }

  /** Follows the main process, which was stopped by this signal. */
  void stopped(int signal) throws IOException {
    boolean uses = signal == Signals.TTIN || signal == Signals.TTOU;
    if (uses && !passedOn && terminal.commandAsks()) {
      command.signalIfRunning(Signals.CONT);
    } else if (!isOrphaned()) {
      terminal.stopped();
      stopOwnGroup(signal);
    } else if (signal == Signals.TSTP) {
      // Nobody could continue us. Without guard the command's group would be the orphaned one, in
      // which the kernel does not stop anybody by Ctrl-Z.
      command.signalIfRunning(Signals.CONT);
    }
  }

  /** Continues the command after Guard was continued. */
  void continued() throws OsException {
    passedOn = false;
    if (command.isRunning()) {
      terminal.continued();
      command.signalIfRunning(Signals.CONT);
    }
  }

  private void stopOwnGroup(int signal) throws OsException {
    // SIGSTOP went to the command alone. It can not be used here: it would also stop a group that
    // became orphaned just now.
    int stop = signal == Signals.STOP ? Signals.TSTP : signal;
    if (!passedOn && signal != Signals.STOP) {
      // Guard's own stop is left out: it could stop us any time later, also after we were
      // continued.
      os.setSignal(stop, SignalCalls.Disposition.IGNORE);
      os.kill(-ownGroup, stop);
    }
    passedOn = false;
    stopSelf(stop);
  }

  /** Stops guard, and returns when it has been continued. By then CONT is in the signal pipe. */
  private void stopSelf(int signal) throws OsException {
    os.setSignal(signal, SignalCalls.Disposition.DEFAULT);
    os.raise(signal);
    os.restoreHandler(signal);
  }

  /**
   * Answers whether no parent outside guard's group and inside its session could continue it,
   * setpgid(2).
   */
  private boolean isOrphaned() throws IOException {
    Procfs procfs = Procfs.system();
    int session = procfs.stat(os.pid()).orElseThrow().session();
    for (int pid : procfs.pids()) {
      Optional<Procfs.Stat> member = procfs.stat(pid).filter(s -> s.group() == ownGroup);
      if (member.isPresent() && !member.get().ended()) {
        Optional<Procfs.Stat> parent = procfs.stat(member.get().parent());
        if (parent.filter(p -> p.group() != ownGroup && p.session() == session).isPresent()) {
          return false;
        }
      }
    }
    return true;
  }
}
