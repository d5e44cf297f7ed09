package dev.guard.process;

import dev.guard.os.ProcessId;
import dev.guard.os.Procfs;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tells which processes below a guard are its command's, where the command's orphans come to that
 * guard and it runs nothing else.
 *
 * <p>All processes below the guard but its lifeline are the command's, unless the guard had
 * children before: whoever started it may have become it by exec(2), as the entry point of a
 * container does. A process that began before the command is not the command's, nor is one that it
 * starts. When such a one ends, its children come to the guard too; then an orphan is the command's
 * if it is in the command's cgroup, has the command's id in its environment, or was seen below the
 * command before. Safe for use by many threads.
 */
public final class AdoptedTree {
  // Each look can meet processes that end meanwhile, and move their children.
  private static final int MOST_LOOKS = 20;

  private final Procfs procfs;
  private final int adopter;
  private final int lifeline;
  private final ProcessId main;
  private final CommandMark mark;
  private final boolean shared;
  // This is read without a lock: a look that hangs in a file of a process must not hold up the
  // thread that ends it.
  private final Set<ProcessId> ours = ConcurrentHashMap.newKeySet();
  private final Set<ProcessId> others = ConcurrentHashMap.newKeySet();

  /** Lists processes at the time of the call. */
  @FunctionalInterface
  public interface ProcessList {
    /** Lists the pids of the processes. */
    Set<Integer> now() throws IOException;
  }

  /**
   * Describes the tree of one command, whose main process exists already.
   *
   * @param adopter the pid of the command's guard
   * @param lifeline the pid of the guard's lifeline; 0 when that is no child of the guard
   * @param main the main process, which may have ended
   * @param id the command's id
   */
  public AdoptedTree(Procfs procfs, int adopter, int lifeline, ProcessId main, String id)
      throws IOException {
    this.procfs = procfs;
    this.adopter = adopter;
    this.lifeline = lifeline;
    this.main = main;
    this.mark = new CommandMark(id);
    // A child that was there before exec(2) is listed by the first thread, as orphans are.
    for (Procfs.Stat child : children(procfs.childrenOfFirstThread(adopter))) {
      if (child.startTicks() < main.startTicks()) {
        others.add(child.id());
      }
    }
    this.shared = !others.isEmpty();
  }

  /** Returns the pid of the guard. */
  public int adopter() {
    return adopter;
  }

  /** Finds the live children of the guard among these, but for the lifeline. */
  private List<Procfs.Stat> children(Collection<Integer> listed) throws IOException {
    Collection<Integer> candidates =
        procfs.listsChildren() ? listed : Descendants.on(procfs).of(adopter);
    List<Procfs.Stat> children = new ArrayList<>();
    for (int pid : candidates) {
      procfs
          .stat(pid)
          .filter(s -> pid != lifeline && s.parent() == adopter && !s.ended())
          .ifPresent(children::add);
    }
    return children;
  }

  /**
   * Lists the command's live processes below the guard.
   *
   * @param inCgroup the processes in the command's cgroup, which are the command's whatever else
   *     speaks against it
   */
  public Set<Integer> processes(ProcessList inCgroup) throws IOException {
    return shared ? chosen(inCgroup) : all();
  }

  private Set<Integer> all() throws IOException {
    Descendants descendants = Descendants.on(procfs);
    Set<Integer> all = new TreeSet<>(descendants.of(adopter));
    if (lifeline != 0) {
      all.remove(lifeline);
      all.removeAll(descendants.of(lifeline));
    }
    return all;
  }

  private Set<Integer> chosen(ProcessList inCgroup) throws IOException {
    Descendants descendants = Descendants.on(procfs);
    Set<Integer> found = new TreeSet<>();
    boolean grew = true;
    for (int i = 0; i < MOST_LOOKS && grew; i++) {
      Set<Integer> members = inCgroup.now();
      Set<Integer> roots = new HashSet<>();
      Set<Integer> strangers = new HashSet<>();
      for (Procfs.Stat child : children(procfs.children(adopter))) {
        (isOurs(child, members) ? roots : strangers).add(child.pid());
      }
      strangers.addAll(descendants.of(strangers));
      remember(strangers, others);
      grew = found.addAll(roots);
      found.addAll(descendants.of(roots));
    }
    remember(found, ours);
    forgetTheEnded(ours);
    forgetTheEnded(others);
    return found;
  }

  private void remember(Set<Integer> pids, Set<ProcessId> in) throws IOException {
    for (int pid : pids) {
      procfs.stat(pid).ifPresent(s -> in.add(s.id()));
    }
  }

  private void forgetTheEnded(Set<ProcessId> known) throws IOException {
    for (ProcessId process : List.copyOf(known)) {
      if (procfs.stat(process.pid()).filter(s -> s.id().equals(process)).isEmpty()) {
        known.remove(process);
      }
    }
  }

  private boolean isOurs(Procfs.Stat child, Set<Integer> inCgroup) throws IOException {
    if (child.startTicks() < main.startTicks() || others.contains(child.id())) {
      return false;
    }
    return child.id().equals(main)
        || ours.contains(child.id())
        || inCgroup.contains(child.pid())
        || mark.isOn(child.pid(), procfs);
  }

  /** Tells whether a child of the guard is the command's orphan. */
  public boolean isOrphan(Procfs.Stat child, ProcessList inCgroup) throws IOException {
    return child.parent() == adopter
        && child.pid() != lifeline
        && (!shared || isOurs(child, inCgroup.now()));
  }

  /** Lists the pids of children of the guard that are known not to be the command's. */
  public Set<Integer> others() {
    Set<Integer> numbers = new HashSet<>();
    others.forEach(process -> numbers.add(process.pid()));
    numbers.add(lifeline);
    return numbers;
  }
}
