package dev.guard.gateway;

import java.util.HashMap;
import java.util.Map;

/** Counts the connections of each process, of which one may not take the places of all others. */
final class PeerConnections {
  /** A shim has one. */
  static final int MOST = 256;

  private final Map<Integer, Integer> counts = new HashMap<>();

  /** Takes a place for a connection of this process; false: it has too many. */
  boolean take(int pid) {
    int count = counts.getOrDefault(pid, 0);
    if (count < MOST) {
      counts.put(pid, count + 1);
    }
    return count < MOST;
  }

  /** Gives the place back. */
  void giveBack(int pid) {
    counts.computeIfPresent(pid, (p, count) -> count > 1 ? count - 1 : null);
  }
}
