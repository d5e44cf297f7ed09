package dev.guard.exec.admission;

import dev.guard.os.Procfs;
import java.io.IOException;
import java.util.Optional;

/**
 * A process that something belongs to, such as a guard that holds a place: a pid alone may be
 * another's by now.
 *
 * @param startTicks its start time, see {@link Procfs.Stat}; since the same boot
 */
public record Owner(int pid, long startTicks) {
  /** The process that has this pid now; one that has gone never lives. */
  public static Owner of(int pid, Procfs procfs) throws IOException {
    return new Owner(pid, procfs.stat(pid).map(Procfs.Stat::startTicks).orElse(0L));
  }

  /** Whether it was stopped, so that it does not ask: see STOP in signal(7). */
  public boolean isStopped(Procfs procfs) throws IOException {
    char state = procfs.stat(pid).map(Procfs.Stat::state).orElse('X');
    return state == 'T' || state == 't';
  }

  /** Whether it runs; a zombie does not. */
  public boolean lives(Procfs procfs) throws IOException {
    Optional<Procfs.Stat> stat = procfs.stat(pid);
    return stat.isPresent() && !stat.get().ended() && stat.get().startTicks() == startTicks;
  }
}
