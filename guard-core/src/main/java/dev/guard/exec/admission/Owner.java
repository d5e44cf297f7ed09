package dev.guard.exec.admission;

import dev.guard.os.Procfs;
import java.io.IOException;
import java.util.Optional;

/**
 * A guard that holds a place: a pid alone may be another's by now.
 *
 * @param startTicks its start time, see {@link Procfs.Stat}; since the same boot
 */
record Owner(int pid, long startTicks) {
  static Owner self(int pid, Procfs procfs) throws IOException {
    return new Owner(pid, procfs.stat(pid).orElseThrow().startTicks());
  }

  /** Whether it was stopped, so that it does not ask: see STOP in signal(7). */
  boolean isStopped(Procfs procfs) throws IOException {
    char state = procfs.stat(pid).map(Procfs.Stat::state).orElse('X');
    return state == 'T' || state == 't';
  }

  boolean lives(Procfs procfs) throws IOException {
    Optional<Procfs.Stat> stat = procfs.stat(pid);
    return stat.isPresent() && !stat.get().ended() && stat.get().startTicks() == startTicks;
  }
}
