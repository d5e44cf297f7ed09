package dev.guard.admission;

import dev.guard.os.ProcessId;
import dev.guard.os.Procfs;
import dev.guard.process.Member;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Counts who lives in a budget, by the processes that the kernel shows, and takes out of its state
 * who has died. A failure to count is thrown: it must never be taken for room.
 */
final class BudgetCount {
  private static final int MOST_NAMED = 3;

  private final Member.Count count;
  private final Procfs procfs;
  private final ProcessId self;

  /** Makes the count for one owner of places. */
  BudgetCount(Member.Count count, Procfs procfs, ProcessId self) {
    this.count = count;
    this.procfs = procfs;
    this.self = self;
  }

  /**
   * Answers a number that is not smaller than the count, from as few files as there are cgroups
   * with commands in them: where that leaves room, nobody needs to be counted.
   */
  long atMost(BudgetState state) throws IOException {
    long most = 0;
    Set<String> parents = new HashSet<>();
    for (PlaceLine place : state.places.values()) {
      String parent = place.parent();
      if (isCountedWithOuter(place, state.places)) {
        continue;
      }
      if (!parent.isEmpty()) {
        parents.add(parent);
      } else if (place.isHeld()) {
        return Integer.MAX_VALUE;
      } else {
        most++;
      }
    }
    for (String parent : parents) {
      most += count.atMost(PlaceLine.path(parent)).orElse(Integer.MAX_VALUE);
    }
    return most;
  }

  /** Counts the commands that wait longer and could go, and removes those whose owner died. */
  int waitingBefore(String command, BudgetState state) throws IOException {
    int ahead = 0;
    Iterator<Map.Entry<String, ProcessId>> waiting = state.waiting.entrySet().iterator();
    while (waiting.hasNext()) {
      Map.Entry<String, ProcessId> one = waiting.next();
      if (one.getKey().equals(command)) {
        break;
      }
      if (!lives(one.getValue())) {
        waiting.remove();
      } else if (!one.getValue().isStopped(procfs)) {
        ahead++;
      }
    }
    return ahead;
  }

  /**
   * Holds a place and its live processes, also those that are counted with another place.
   *
   * @param processes the number of live processes
   */
  record CountedPlace(PlaceLine place, int processes) {}

  /** Counts the processes of each place, and removes the places of those who died. */
  List<CountedPlace> counted(BudgetState state) throws IOException {
    List<CountedPlace> counted = new ArrayList<>();
    Iterator<PlaceLine> all = state.places.values().iterator();
    while (all.hasNext()) {
      PlaceLine place = all.next();
      boolean owned = lives(place.owner());
      int processes = processes(place, owned);
      if (processes == 0 && (!owned || place.lingers())) {
        all.remove();
      } else {
        counted.add(new CountedPlace(place, processes));
      }
    }
    return counted;
  }

  /** Adds up the processes of these places, each process once. */
  static long processes(List<CountedPlace> counted) {
    Map<String, PlaceLine> places = new HashMap<>();
    counted.forEach(c -> places.put(c.place().command(), c.place()));
    return counted.stream()
        .filter(c -> !isCountedWithOuter(c.place(), places))
        .mapToLong(CountedPlace::processes)
        .sum();
  }

  /**
   * Names those with the most processes, the largest first, at most three: each stands for the
   * commands inside of it.
   *
   * @param outer the command that whoever asks is a part of, and would end with; after a ? when
   *     only the environment says so; or empty
   */
  static List<BudgetStore.Holder> largest(List<CountedPlace> counted, String outer) {
    Map<String, PlaceLine> places = new HashMap<>();
    counted.forEach(c -> places.put(c.place().command(), c.place()));
    PlaceLine around = places.remove(withoutMark(outer));
    while (around != null) {
      around = places.remove(withoutMark(around.outer()));
    }
    return counted.stream()
        .filter(c -> places.containsKey(c.place().command()))
        .filter(c -> !isCountedWithOuter(c.place(), places))
        .sorted(Comparator.comparingInt(CountedPlace::processes).reversed())
        .limit(MOST_NAMED)
        .map(c -> new BudgetStore.Holder(c.place().command(), c.processes()))
        .toList();
  }

  private static String withoutMark(String outer) {
    return outer.startsWith("?") ? outer.substring(1) : outer;
  }

  /** Tells whether a place's processes are some of those of another place. */
  private static boolean isCountedWithOuter(PlaceLine place, Map<String, PlaceLine> places) {
    boolean proved = !place.outer().startsWith("?");
    PlaceLine outer = places.get(withoutMark(place.outer()));
    // Where the outer command has a cgroup, that alone says which commands are inside.
    return outer != null
        && place.isHeld()
        && outer.isHeld()
        && (proved || outer.parent().isEmpty());
  }

  private int processes(PlaceLine place, boolean owned) throws IOException {
    Optional<Member> member = place.member();
    if (member.isEmpty()) {
      // The command is not held yet. If its owner has died it never will be.
      return owned ? 1 : 0;
    }
    return count.of(owned ? member.get() : member.get().withoutAdopter());
  }

  private boolean lives(ProcessId owner) throws IOException {
    return owner.equals(self) || owner.lives(procfs);
  }

  /** Leaves out the waiters whose owner has died. */
  List<RateLimiter.Waiter> living(List<RateLimiter.Waiter> waiting) throws IOException {
    List<RateLimiter.Waiter> living = new ArrayList<>();
    for (RateLimiter.Waiter waiter : waiting) {
      if (lives(waiter.owner())) {
        living.add(waiter);
      }
    }
    return living;
  }
}
