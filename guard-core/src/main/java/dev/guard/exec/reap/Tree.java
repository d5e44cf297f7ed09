package dev.guard.exec.reap;

import dev.guard.exec.admission.AdoptedTree;
import dev.guard.exec.admission.Descendants;
import dev.guard.exec.admission.Member;
import dev.guard.exec.limits.CommandCgroup;
import dev.guard.os.Cgroupfs;
import dev.guard.os.OsString;
import dev.guard.os.Procfs;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The processes of a command, wherever they have gone: those in its cgroup, and those that have
 * left it but still descend from its main process or from whoever adopts its orphans.
 *
 * <p>Where nobody adopts them, they are also those of its process group, whoever has its id in the
 * environment he was started with, and the descendants of all that were seen before: when a process
 * ends, nothing else may lead to its children.
 *
 * <p>A process is known by its pid and its start time, so that a later one with the same number is
 * never taken for it. May be asked by several threads.
 */
public final class Tree {
  private final Procfs procfs;
  private final CommandCgroup cgroup;
  private final int main;
  private final long mainStart;
  private final String id;
  private final OsString marker;
  private final Optional<Adopter> adopter;
  private final Map<Integer, Long> seen = new TreeMap<>();
  private final Set<Integer> spared = new TreeSet<>();
  private AdoptedTree adopted;

  /**
   * A process to which the tree's orphans come: Guard itself, where it is a child subreaper and
   * runs this one command.
   *
   * @param pid its pid
   * @param startTicks its start time, see {@link Procfs.Stat}, by which it is known whether it is
   *     there still; 0: whoever asks knows that it is
   * @param lifeline its other child
   */
  public record Adopter(int pid, long startTicks, int lifeline) {}

  /**
   * The tree of a command.
   *
   * @param main the pid that its main process has or had
   * @param mainStart the start time of its main process, see {@link Procfs.Stat}
   * @param id the command's id
   */
  public Tree(
      Procfs procfs,
      CommandCgroup cgroup,
      int main,
      long mainStart,
      String id,
      Optional<Adopter> adopter) {
    this.procfs = procfs;
    this.cgroup = cgroup;
    this.main = main;
    this.mainStart = mainStart;
    this.id = id;
    this.marker = OsString.of("GUARD_ID=" + id);
    this.adopter = adopter;
  }

  /** The tree of a command of any guard of this user. */
  public static Tree of(Procfs procfs, Cgroupfs fs, Member m) {
    return of(procfs, fs, m, 0);
  }

  /**
   * The same for a caller that takes its time.
   *
   * @param adopterStart the start time of its guard, which may end meanwhile
   */
  public static Tree of(Procfs procfs, Cgroupfs fs, Member m, long adopterStart) {
    Optional<Adopter> adopter =
        m.adopter() == 0
            ? Optional.empty()
            : Optional.of(new Adopter(m.adopter(), adopterStart, m.lifeline()));
    CommandCgroup cgroup = CommandCgroup.in(fs, m.cgroups());
    return new Tree(procfs, cgroup, m.main(), m.mainStart(), m.command(), adopter);
  }

  /** The same without these processes, whatever speaks for them. */
  public Tree sparing(Set<Integer> pids) {
    spared.addAll(pids);
    return this;
  }

  /** Where another guard finds it. */
  public Member member() {
    return new Member(
        id,
        main,
        mainStart,
        adopter.map(Adopter::pid).orElse(0),
        adopter.map(Adopter::lifeline).orElse(0),
        cgroup.directories());
  }

  /** How many live processes it has; those in its cgroup where it has one. */
  public int count() throws IOException {
    return cgroup.exists() ? cgroup.count() : members().size();
  }

  /** Its cgroup. */
  public CommandCgroup cgroup() {
    return cgroup;
  }

  /** The pid that its main process has or had. */
  public int main() {
    return main;
  }

  long mainStart() {
    return mainStart;
  }

  /** Whether its orphans come to us, so that none can get away. */
  boolean isAdopted() throws IOException {
    return adopter.isPresent()
        && (adopter.get().startTicks() == 0
            || runs(adopter.get().pid(), adopter.get().startTicks()));
  }

  /**
   * What is below whoever adopts orphans, while that is there; from the first call on it is known
   * who was there before.
   */
  public synchronized Optional<AdoptedTree> adopted() throws IOException {
    if (!isAdopted()) {
      return Optional.empty();
    }
    if (adopted == null) {
      Adopter by = adopter.get();
      adopted = new AdoptedTree(procfs, by.pid(), by.lifeline(), main, mainStart, id);
    }
    return Optional.of(adopted);
  }

  /**
   * Who came to us when its parent ended, and has not been waited for. Nobody else is looked at, so
   * this is fast.
   */
  Set<Integer> orphans() throws IOException {
    Optional<AdoptedTree> by = adopted();
    if (by.isEmpty()) {
      return Set.of();
    }
    // The kernel gives orphans to the first thread of a process, and that one stays.
    Set<Integer> orphans = new TreeSet<>(procfs.childrenOfThread(by.get().adopter()));
    orphans.removeAll(by.get().others());
    orphans.remove(main);
    return orphans;
  }

  /** Whether this is an orphan of the command now, or nobody. */
  boolean hasAsOrphan(int pid) throws IOException {
    Optional<Procfs.Stat> stat = procfs.stat(pid);
    return stat.isEmpty() || adopted().orElseThrow().isOrphan(stat.get(), cgroup::processes);
  }

  /** Its live processes now. */
  public Set<Integer> members() throws IOException {
    return identities().keySet();
  }

  /** Its live processes now, and their start times, see {@link Procfs.Stat}. */
  public synchronized Map<Integer, Long> identities() throws IOException {
    forgetTheEnded();
    see(related());
    if (!isAdopted()) {
      see(search());
      see(related());
    }
    return new TreeMap<>(seen);
  }

  /** Whether nothing is left. The search through all processes is made only when it decides. */
  public synchronized boolean isEmpty() throws IOException {
    forgetTheEnded();
    see(related());
    return seen.isEmpty() && (isAdopted() || identities().isEmpty());
  }

  /** Whether the process with this start time still runs. */
  boolean runs(int pid, long startTicks) throws IOException {
    Optional<Procfs.Stat> stat = procfs.stat(pid);
    return stat.isPresent() && !stat.get().ended() && stat.get().startTicks() == startTicks;
  }

  private void forgetTheEnded() throws IOException {
    Iterator<Map.Entry<Integer, Long>> all = seen.entrySet().iterator();
    while (all.hasNext()) {
      Map.Entry<Integer, Long> one = all.next();
      if (!runs(one.getKey(), one.getValue())) {
        all.remove();
      }
    }
  }

  private void see(Set<Integer> pids) throws IOException {
    for (int pid : pids) {
      Optional<Procfs.Stat> stat = procfs.stat(pid);
      if (stat.isPresent() && !stat.get().ended() && !spared.contains(pid)) {
        seen.put(pid, stat.get().startTicks());
      }
    }
  }

  private Set<Integer> related() throws IOException {
    Set<Integer> members = cgroup.processes();
    Descendants descendants = Descendants.on(procfs);
    Optional<AdoptedTree> by = adopted();
    if (by.isPresent()) {
      members.addAll(by.get().processes(cgroup::processes));
      return members;
    }
    members.addAll(seen.keySet());
    if (runs(main, mainStart)) {
      members.add(main);
    }
    members.addAll(descendants.of(Set.copyOf(members)));
    return members;
  }

  private Set<Integer> search() throws IOException {
    Set<Integer> found = new TreeSet<>();
    // A number stays taken while a group has it. So where it is another process's, the group is
    // too.
    Optional<Procfs.Stat> leader = procfs.stat(main);
    boolean groupIsOurs = leader.isEmpty() || leader.get().startTicks() == mainStart;
    for (int pid : procfs.pids()) {
      Optional<Procfs.Stat> stat = procfs.stat(pid);
      if (stat.isEmpty() || stat.get().ended() || stat.get().startTicks() < mainStart) {
        continue;
      }
      if ((groupIsOurs && stat.get().group() == main) || marked(pid)) {
        found.add(pid);
      }
    }
    return found;
  }

  private boolean marked(int pid) throws IOException {
    try {
      return procfs.environment(pid).orElse(List.of()).contains(marker);
    } catch (FileSystemException e) {
      // Another user's process: not one of ours, unless it has changed its user, and then we could
      // not kill it either. Or it has no memory: it is ending, or it is the kernel's.
      return false;
    }
  }

  /** What a process calls itself, and why it may have survived, for messages. */
  public String describe(int pid) throws IOException {
    Optional<Procfs.Stat> stat = procfs.stat(pid);
    boolean waits = stat.isPresent() && stat.get().state() == 'D';
    return stat.map(Procfs.Stat::command).orElse("?")
        + (waits ? ", in an uninterruptible wait" : "");
  }
}
