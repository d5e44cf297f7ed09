package dev.guard.process;

import dev.guard.cgroup.CommandCgroup;
import dev.guard.cgroup.Freezers;
import dev.guard.os.Cgroupfs;
import dev.guard.os.Os;
import dev.guard.os.ProcessId;
import dev.guard.os.Procfs;
import java.io.IOException;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Knows the processes of a command, wherever they have gone: those in its cgroup, and those that
 * have left it but still descend from its main process or from the process that adopts its orphans.
 *
 * <p>Where nobody adopts them, the command's processes are also those of its process group, those
 * with its id in the environment that they were started with, and the descendants of all that were
 * seen before: when a process ends, nothing else may lead to its children.
 *
 * <p>A process is known by its pid and its start time, so that a later one with the same number is
 * never taken for it. May be asked by several threads.
 */
public final class Tree {
  /** Lists the classes that a look needs, to be loaded while there are descriptors for that. */
  public static final List<Class<?>> CLASSES =
      List.of(
          Tree.class,
          AdoptedTree.class,
          Adoption.class,
          CommandMark.class,
          TreeLook.class,
          MemberIdentities.class,
          ProcessSearch.class);

  // How often to look again at processes that could not be told: by then they have another parent,
  // or have gone.
  private static final int MORE_LOOKS = 2;

  private final Procfs procfs;
  private final CommandCgroup cgroup;
  private final ProcessId main;
  private final String id;
  private final Optional<Adopter> adopter;
  private final Adoption adoption;
  private final ProcessSearch search;
  private final Set<ProcessId> seen = new TreeSet<>();
  private final Set<Integer> spared = new TreeSet<>();

  /**
   * Names a process to which the tree's orphans come: Guard itself, where it is a child subreaper
   * and runs this one command.
   *
   * @param pid the adopter's pid
   * @param startTicks the adopter's start time, see {@link Procfs.Stat}, which tells whether it is
   *     still there; 0: the caller knows that it is
   * @param lifeline the adopter's other child; 0 when it has none
   */
  public record Adopter(int pid, long startTicks, int lifeline) {}

  /**
   * Describes the tree of a command.
   *
   * @param main the command's main process, which may have ended
   * @param id the command's id
   */
  public Tree(
      Procfs procfs, CommandCgroup cgroup, ProcessId main, String id, Optional<Adopter> adopter) {
    this.procfs = procfs;
    this.cgroup = cgroup;
    this.main = main;
    this.id = id;
    this.adopter = adopter;
    this.adoption = new Adoption(procfs, adopter, main, id);
    this.search = new ProcessSearch(procfs, main, new CommandMark(id));
  }

  /** Finds the tree of a command of any guard of this user. */
  public static Tree of(Procfs procfs, Cgroupfs fs, Member m) {
    return of(procfs, fs, m, 0);
  }

  /**
   * Finds the tree of a command for a caller that takes its time.
   *
   * @param adopterStart the start time of the command's guard, which may end meanwhile
   */
  public static Tree of(Procfs procfs, Cgroupfs fs, Member m, long adopterStart) {
    Optional<Adopter> adopter =
        m.adopter() == 0
            ? Optional.empty()
            : Optional.of(new Adopter(m.adopter(), adopterStart, m.lifeline()));
    CommandCgroup cgroup = CommandCgroup.in(fs, m.cgroups());
    return new Tree(procfs, cgroup, m.mainId(), m.command(), adopter);
  }

  /** Leaves out these processes, whatever speaks for them. */
  public Tree sparing(Set<Integer> pids) {
    spared.addAll(pids);
    return this;
  }

  /** Adds these processes, since the caller has seen that they belong to the tree. */
  public Tree knowing(Collection<ProcessId> processes) {
    seen.addAll(processes);
    return this;
  }

  /** Adds all of the session that this process led, which has nobody else in it. */
  public Tree withSessionOf(ProcessId leader) {
    search.includeSessionOf(leader);
    return this;
  }

  /**
   * Leaves out processes that only the mark in their environment speaks for: at(1), a new server of
   * tmux, or a saved environment hand it on to processes that never were in the tree.
   */
  public Tree provenOnly() {
    search.provenOnly();
    return this;
  }

  /** Notes that the main process was waited for: from now on its number and its group are free. */
  public void mainWaitedFor() throws IOException {
    search.mainWaitedFor();
  }

  /** Tells another guard where to find the tree. */
  public Member member() {
    return new Member(
        id,
        main.pid(),
        main.startTicks(),
        adopter.map(Adopter::pid).orElse(0),
        adopter.map(Adopter::lifeline).orElse(0),
        cgroup.directories());
  }

  /** Returns the tree's cgroup. */
  public CommandCgroup cgroup() {
    return cgroup;
  }

  /** Identifies the tree's main process, which may have ended. */
  public ProcessId main() {
    return main;
  }

  /** Tells whether the tree's orphans come to this process, so that none can get away. */
  public boolean isAdopted() throws IOException {
    return adoption.lasts();
  }

  /**
   * Answers the tree below the process that adopts orphans, while that is there; from the first
   * call on it is known which processes were there before.
   */
  public Optional<AdoptedTree> adopted() throws IOException {
    return adoption.tree();
  }

  /**
   * Lists the processes that came to this one when their parent ended; see {@link
   * Adoption#orphans}.
   */
  public Set<Integer> orphans() throws IOException {
    return adoption.orphans();
  }

  /** Tells whether a pid is that of an orphan of the command now, or of no process. */
  public boolean hasAsOrphan(int pid) throws IOException {
    return adoption.isOrphan(pid, cgroup::processes);
  }

  // ---- members

  /** Counts the tree's live processes; those in its cgroup where it has one. */
  public int count() throws IOException {
    return cgroup.exists() ? cgroup.members().count() : members().size();
  }

  /** Lists the pids of the tree's live processes. */
  public Set<Integer> members() throws IOException {
    Set<Integer> pids = new TreeSet<>();
    for (ProcessId process : identities()) {
      pids.add(process.pid());
    }
    return pids;
  }

  /** Lists the tree's live processes. */
  public synchronized Set<ProcessId> identities() throws IOException {
    boolean doubts = look().doubts();
    if (!isAdopted()) {
      see(search.find(seen));
      doubts = look().doubts();
    }
    for (int i = 0; i < MORE_LOOKS && doubts; i++) {
      doubts = look().doubts();
    }
    return new TreeSet<>(seen);
  }

  /** Looks at the processes that are in the cgroup or descend from one of the tree. */
  private TreeLook look() throws IOException {
    // The time is taken before all else: before known processes are checked, and before any is
    // listed.
    long begin = procfs.uptimeTicks();
    forgetTheEnded();
    TreeLook look = TreeLook.at(procfs, begin, cgroup, roots(), adopted());
    see(look.live());
    return look;
  }

  private void forgetTheEnded() throws IOException {
    for (ProcessId process : Set.copyOf(seen)) {
      if (!process.lives(procfs)) {
        seen.remove(process);
      }
    }
  }

  private Set<ProcessId> roots() throws IOException {
    Set<ProcessId> roots = new HashSet<>(seen);
    roots.add(main);
    adoption.process().ifPresent(roots::add);
    return roots;
  }

  private void see(Set<ProcessId> processes) {
    for (ProcessId process : processes) {
      if (!spared.contains(process.pid())) {
        seen.add(process);
      }
    }
  }

  // ---- proof that nobody is left

  /**
   * Tells whether nothing of the tree is left. All processes are searched only when that decides.
   */
  public synchronized boolean isEmpty() throws IOException {
    if (!provesNobody()) {
      return false;
    }
    if (isAdopted()) {
      return true;
    }
    see(search.find(seen));
    return seen.isEmpty() && provesNobody();
  }

  /**
   * Looks for a proof that nobody is left. A look that lists any process proves nothing, also when
   * it has gone by the time it is asked who it is: one of a chain of processes that each fork one
   * and end is always there.
   */
  private boolean provesNobody() throws IOException {
    Set<Integer> listed = look().listed();
    listed.removeAll(spared);
    // A process outside of our namespace of processes, which is not ours, see cgroups(7).
    listed.remove(0);
    return listed.isEmpty() && seen.isEmpty();
  }

  // ---- what is done to its processes

  /** Sends a process a signal, if it is still the same one; false when it has gone. */
  public boolean signal(Os os, ProcessId process, int signal) throws IOException {
    return process.signal(os, procfs, signal);
  }

  /**
   * Thaws the tree's processes that are frozen, unless others are with them.
   *
   * @param self the caller's pid
   */
  public void thaw(int self) throws IOException {
    Set<Integer> members = members();
    cgroup.freezers(procfs, self).thaw(members);
  }

  /**
   * Describes a process for messages: its name, and why it may have survived.
   *
   * @param self the caller's pid
   */
  public String describe(int pid, int self) throws IOException {
    Optional<Procfs.Stat> stat = procfs.stat(pid);
    String name = stat.map(Procfs.Stat::command).orElse("?");
    Freezers freezers = cgroup.freezers(procfs, self);
    Optional<String> frozen = freezers.remedy(pid);
    if (frozen.isPresent()) {
      return name + ", " + frozen.get();
    }
    boolean waits = stat.isPresent() && stat.get().state() == 'D';
    return name + (waits ? ", in an uninterruptible wait for a disk or a file system" : "");
  }
}
