package dev.guard.exec.monitor;

import dev.guard.CommandResult.Stray;
import dev.guard.exec.admission.Descendants;
import dev.guard.exec.limits.CommandCgroup;
import dev.guard.exec.monitor.Monitor.Event;
import dev.guard.os.Os;
import dev.guard.os.ProcessId;
import dev.guard.os.Procfs;
import dev.guard.os.Signals;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/**
 * Looks at the whole tree of a command from time to time, for what no event tells: a process that
 * has left the cgroup, a process that the kernel killed for memory beside others that live, and,
 * where no kernel limit stops it, more tasks than there may be.
 */
public final class Watch {
  private static final Duration USUAL = Duration.ofMillis(250);
  private static final Duration WITHOUT_LIMIT = Duration.ofMillis(50);
  // A look takes no more than this part of the time, whatever the size of the tree.
  private static final int LOOKS_PART = 20;
  private static final Duration LONGEST = Duration.ofSeconds(1);
  private static final int MOST_STRAYS = 20;

  private final Os os;
  private final Procfs procfs;
  private final CommandCgroup cgroup;
  private final Roots roots;
  private final Adoptions adoptions;
  private final OptionalInt mostTasks;
  private final boolean bringBack;
  private final Set<ProcessId> told = new HashSet<>();
  private final List<Stray> strays = Collections.synchronizedList(new ArrayList<>());
  private long next;

  /**
   * Where the walk for the tree begins.
   *
   * @param main the command's main process
   * @param adopter the process that its orphans come to, and that runs nothing else but {@code
   *     other}; the main process where nobody does
   * @param other a child of the adopter that is not of the tree; 0: none
   */
  public record Roots(int main, int adopter, int other) {}

  /** Who has to know of processes that neither a cgroup nor a parent may lead to later. */
  @FunctionalInterface
  public interface Adoptions {
    /** This process has lost its parent or has left the cgroup. */
    void adopted(ProcessId process) throws IOException;

    /** A look is over, which told of all that it found. */
    default void looked() throws IOException {}
  }

  /**
   * Watches one command.
   *
   * @param adoptions is told once of each process that has left the cgroup, or, where there is
   *     none, has come to the adopter
   * @param mostTasks how many tasks it may have, where Guard has to see to that; else empty
   * @param bringBack whether a process that left is moved back; else it is killed
   */
  public Watch(
      Os os,
      Procfs procfs,
      CommandCgroup cgroup,
      Roots roots,
      Adoptions adoptions,
      OptionalInt mostTasks,
      boolean bringBack) {
    this.os = os;
    this.procfs = procfs;
    this.cgroup = cgroup;
    this.roots = roots;
    this.adoptions = adoptions;
    this.mostTasks = mostTasks;
    this.bringBack = bringBack;
    this.next = System.nanoTime() + pause(0);
  }

  /** What left the cgroup until now. */
  public List<Stray> strays() {
    return List.copyOf(strays);
  }

  /** How long until it is time to look again. */
  long nanos() {
    return Math.max(0, next - System.nanoTime());
  }

  /** Looks, if it is time to; what it saw that ends the command. */
  Optional<Event> look() throws IOException {
    long start = System.nanoTime();
    if (next - start > 0) {
      return Optional.empty();
    }
    Optional<Event> event = lookNow();
    next = System.nanoTime() + pause(System.nanoTime() - start);
    return event;
  }

  private long pause(long cost) {
    Duration usual = mostTasks.isPresent() ? WITHOUT_LIMIT : USUAL;
    // Not for ever: when looks are dear, there may be a bomb to see.
    return Math.max(usual.toNanos(), Math.min(cost * LOOKS_PART, LONGEST.toNanos() + cost));
  }

  private Optional<Event> lookNow() throws IOException {
    if (cgroup.oomKills().orElse(0) > 0) {
      return Optional.of(Event.OUT_OF_MEMORY);
    }
    long begin = procfs.uptimeTicks();
    Set<Integer> tree = tree();
    if (mostTasks.isPresent() && tasks(tree) > mostTasks.getAsInt()) {
      return Optional.of(Event.TOO_MANY_TASKS);
    }
    if (!cgroup.exists()) {
      tellOfOrphans(tree);
    } else {
      for (int pid : cgroup.strays(tree, procfs)) {
        deal(pid, begin);
      }
    }
    adoptions.looked();
    return Optional.empty();
  }

  private Set<Integer> tree() throws IOException {
    Descendants descendants = Descendants.on(procfs);
    Set<Integer> tree = new TreeSet<>(descendants.of(roots.adopter()));
    if (roots.other() != 0) {
      tree.remove(roots.other());
      tree.removeAll(descendants.of(roots.other()));
    }
    tree.add(roots.main());
    return tree;
  }

  private void tellOfOrphans(Set<Integer> tree) throws IOException {
    told.removeIf(t -> !tree.contains(t.pid()));
    for (int pid : tree) {
      Optional<Procfs.Stat> stat = procfs.stat(pid).filter(s -> s.parent() == roots.adopter());
      if (stat.isPresent() && pid != roots.main()) {
        tell(stat.get());
      }
    }
  }

  private void tell(Procfs.Stat process) throws IOException {
    if (told.add(process.id())) {
      adoptions.adopted(process.id());
    }
  }

  private int tasks(Set<Integer> tree) throws IOException {
    int tasks = 0;
    for (int pid : tree) {
      tasks += procfs.stat(pid).map(Procfs.Stat::threads).orElse(0);
    }
    return tasks;
  }

  /**
   * A process that began after this look may be another, which has got the number of one that was
   * in the tree: it is looked at the next time.
   */
  private void deal(int pid, long begin) throws IOException {
    Optional<Procfs.Stat> stat = procfs.stat(pid).filter(s -> s.startTicks() < begin);
    if (stat.isEmpty()) {
      return;
    }
    tell(stat.get());
    String where = String.join(" ", procfs.text(pid, "cgroup").orElse("").lines().toList());
    Stray.Action action = Stray.Action.KILLED;
    if (bringBack) {
      try {
        cgroup.bringBack(pid, procfs);
        action = Stray.Action.RETURNED;
      } catch (IOException e) {
        if (procfs.liveThread(pid).isEmpty()) {
          return;
        }
        // Not allowed from where it has gone, or it left again: it may not run unlimited.
        stat.get().id().signal(os, procfs, Signals.KILL);
      }
    } else {
      stat.get().id().signal(os, procfs, Signals.KILL);
    }
    if (strays.size() < MOST_STRAYS) {
      strays.add(new Stray(pid, stat.get().command(), where, action));
    }
  }
}
