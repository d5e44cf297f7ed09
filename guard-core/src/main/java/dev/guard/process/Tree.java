package dev.guard.process;

import dev.guard.cgroup.CommandCgroup;
import dev.guard.os.Cgroupfs;
import dev.guard.os.Os;
import dev.guard.os.OsString;
import dev.guard.os.ProcessId;
import dev.guard.os.Procfs;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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
  // At those who could not be told: they have another parent by now, or have gone.
  private static final int MORE_LOOKS = 2;

  private final Procfs procfs;
  private final CommandCgroup cgroup;
  private final ProcessId main;
  private final String id;
  private final OsString marker;
  private final Optional<Adopter> adopter;
  private final Set<ProcessId> seen = new TreeSet<>();
  private final Set<Integer> spared = new TreeSet<>();
  // Whether the last look listed somebody of whom it could not be told whether he is of the tree.
  private boolean doubts;
  // When the main process was waited for, see Procfs.uptimeTicks: its group is another's later.
  private volatile long mainWaitedFor = Long.MAX_VALUE;
  private Optional<ProcessId> sessionLeader = Optional.empty();
  private boolean provenOnly;
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
   * @param main its main process, which may have ended
   * @param id the command's id
   */
  public Tree(
      Procfs procfs, CommandCgroup cgroup, ProcessId main, String id, Optional<Adopter> adopter) {
    this.procfs = procfs;
    this.cgroup = cgroup;
    this.main = main;
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
    return new Tree(procfs, cgroup, m.mainId(), m.command(), adopter);
  }

  /** The same without these processes, whatever speaks for them. */
  public Tree sparing(Set<Integer> pids) {
    spared.addAll(pids);
    return this;
  }

  /** The main process was waited for: from now on its number and its group are free. */
  public void mainWaitedFor() throws IOException {
    mainWaitedFor = Math.min(mainWaitedFor, procfs.uptimeTicks());
  }

  /** Adds these, by whoever has seen that they belong to it. */
  public Tree knowing(Collection<ProcessId> processes) {
    seen.addAll(processes);
    return this;
  }

  /** Adds all of the session that this process led, which has nobody else in it. */
  public Tree withSessionOf(ProcessId leader) {
    sessionLeader = Optional.of(leader);
    return this;
  }

  /**
   * Leaves out those for whom nothing speaks but the mark in their environment: at(1), a new server
   * of tmux, or a saved environment hand it on to who never was in the tree.
   */
  public Tree provenOnly() {
    provenOnly = true;
    return this;
  }

  /** Where another guard finds it. */
  public Member member() {
    return new Member(
        id,
        main.pid(),
        main.startTicks(),
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

  /** Its main process, which may have ended. */
  public ProcessId main() {
    return main;
  }

  /** Whether its orphans come to us, so that none can get away. */
  public boolean isAdopted() throws IOException {
    return adopter.isPresent()
        && (adopter.get().startTicks() == 0
            || new ProcessId(adopter.get().pid(), adopter.get().startTicks()).lives(procfs));
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
      adopted = new AdoptedTree(procfs, by.pid(), by.lifeline(), main, id);
    }
    return Optional.of(adopted);
  }

  /**
   * Who came to us when its parent ended, and has not been waited for. Nobody else is looked at, so
   * this is fast.
   */
  public Set<Integer> orphans() throws IOException {
    Optional<AdoptedTree> by = adopted();
    if (by.isEmpty()) {
      return Set.of();
    }
    // The kernel gives orphans to the first thread of a process, and that one stays.
    Set<Integer> orphans = new TreeSet<>(procfs.childrenOfThread(by.get().adopter()));
    orphans.removeAll(by.get().others());
    orphans.remove(main.pid());
    return orphans;
  }

  /** Whether this is an orphan of the command now, or nobody. */
  public boolean hasAsOrphan(int pid) throws IOException {
    Optional<Procfs.Stat> stat = procfs.stat(pid);
    return stat.isEmpty() || adopted().orElseThrow().isOrphan(stat.get(), cgroup::processes);
  }

  /** Its live processes now. */
  public Set<Integer> members() throws IOException {
    Set<Integer> pids = new TreeSet<>();
    identities().forEach(process -> pids.add(process.pid()));
    return pids;
  }

  /** Its live processes now. */
  public synchronized Set<ProcessId> identities() throws IOException {
    look();
    if (!isAdopted()) {
      see(search());
      look();
    }
    for (int i = 0; i < MORE_LOOKS && doubts; i++) {
      look();
    }
    return new TreeSet<>(seen);
  }

  /** Whether nothing is left. The search through all processes is made only when it decides. */
  public synchronized boolean isEmpty() throws IOException {
    if (!provesNobody()) {
      return false;
    }
    if (isAdopted()) {
      return true;
    }
    see(search());
    return seen.isEmpty() && provesNobody();
  }

  /** Whether this process still runs. */
  boolean runs(ProcessId process) throws IOException {
    return process.lives(procfs);
  }

  /** Sends a process a signal, if it is this one still; false when it has gone. */
  public boolean signal(Os os, ProcessId process, int signal) throws IOException {
    return process.signal(os, procfs, signal);
  }

  private void forgetTheEnded() throws IOException {
    Iterator<ProcessId> all = seen.iterator();
    while (all.hasNext()) {
      if (!all.next().lives(procfs)) {
        all.remove();
      }
    }
  }

  private void see(Set<ProcessId> processes) {
    for (ProcessId process : processes) {
      if (!spared.contains(process.pid())) {
        seen.add(process);
      }
    }
  }

  /**
   * A look that lists anybody proves nothing, also when he has gone by the time he is asked who he
   * is: one of a chain of processes that each fork one and end is always there.
   */
  private boolean provesNobody() throws IOException {
    return look().isEmpty() && seen.isEmpty();
  }

  /**
   * Sees whoever is in the cgroup or descends from somebody of the tree; the pids it has listed.
   */
  private Set<Integer> look() throws IOException {
    // Before all else: what is known to live now, and what is listed from now on.
    long begin = procfs.uptimeTicks();
    forgetTheEnded();
    Set<ProcessId> roots = roots();
    Optional<AdoptedTree> by = adopted();
    Set<Integer> found = by.isPresent() ? below(by.get()) : below(roots);
    Kin kin = Kin.of(procfs, begin, found, roots);
    if (kin.hasDoubts()) {
      // Whoever is in the cgroup in both looks is of the tree, and who got a number in between is
      // not there.
      kin.confirm(cgroup.processes());
    }
    Set<ProcessId> live = kin.live();
    live.removeIf(process -> !found.contains(process.pid()));
    see(live);
    doubts = kin.hasDoubts();
    found.removeAll(spared);
    // A process outside of our namespace of processes, which is not ours, see cgroups(7).
    found.remove(0);
    return found;
  }

  /** Whose children are of the tree without a further proof. */
  private Set<ProcessId> roots() throws IOException {
    Set<ProcessId> roots = new HashSet<>(seen);
    roots.add(main);
    if (isAdopted()) {
      roots.add(ProcessId.of(adopter.get().pid(), procfs));
    }
    return roots;
  }

  private Set<Integer> below(AdoptedTree by) throws IOException {
    Set<Integer> found = cgroup.processes();
    found.addAll(by.processes(cgroup::processes));
    return found;
  }

  private Set<Integer> below(Set<ProcessId> roots) throws IOException {
    Set<Integer> found = cgroup.processes();
    for (ProcessId root : roots) {
      if (root.lives(procfs)) {
        found.add(root.pid());
      }
    }
    found.addAll(Descendants.on(procfs).of(Set.copyOf(found)));
    return found;
  }

  private Set<ProcessId> search() throws IOException {
    Set<ProcessId> found = new HashSet<>();
    for (int pid : procfs.pids()) {
      Optional<Procfs.Stat> stat = procfs.stat(pid);
      if (stat.isEmpty() || stat.get().ended() || stat.get().startTicks() < main.startTicks()) {
        continue;
      }
      if (belongs(stat.get())) {
        found.add(stat.get().id());
      }
    }
    return found;
  }

  private boolean belongs(Procfs.Stat process) throws IOException {
    boolean near =
        isOf(process, process.group(), main)
            || (sessionLeader.isPresent() && isOf(process, process.session(), sessionLeader.get()));
    if (provenOnly) {
      // Whoever is in a session is descended from its leader. Of one that has gone the number may
      // have been another's since.
      return hasSeen(process.session()) || (near && marked(process.pid()));
    }
    return near || marked(process.pid());
  }

  private boolean hasSeen(int pid) {
    return seen.stream().anyMatch(process -> process.pid() == pid);
  }

  /**
   * Whether a process is in the group, or session, of this leader. A number stays taken while a
   * group has it: where it is another process's, the group is too. Where that one has ended, those
   * who began after ours was waited for may be of another group that had the number.
   */
  private boolean isOf(Procfs.Stat process, int group, ProcessId leader) throws IOException {
    if (group != leader.pid()) {
      return false;
    }
    Optional<Procfs.Stat> now = procfs.stat(group);
    return now.isPresent()
        ? now.get().startTicks() == leader.startTicks()
        : !leader.equals(main) || process.startTicks() <= mainWaitedFor;
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

  /**
   * Thaws its processes that are frozen, unless others are with them.
   *
   * @param self the caller's pid
   */
  public void thaw(int self) throws IOException {
    cgroup.thaw(members(), procfs, self);
  }

  /**
   * What a process calls itself, and why it may have survived, for messages.
   *
   * @param self the caller's pid
   */
  public String describe(int pid, int self) throws IOException {
    Optional<Procfs.Stat> stat = procfs.stat(pid);
    String name = stat.map(Procfs.Stat::command).orElse("?");
    Optional<String> frozen = cgroup.frozen(pid, procfs, self);
    if (frozen.isPresent()) {
      return name + ", " + frozen.get();
    }
    boolean waits = stat.isPresent() && stat.get().state() == 'D';
    return name + (waits ? ", in an uninterruptible wait for a disk or a file system" : "");
  }
}
