package dev.guard.cgroup;

import dev.guard.os.Cgroupfs;
import dev.guard.os.Errno;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.ProcessId;
import dev.guard.os.Procfs;
import dev.guard.os.Signals;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;

/**
 * The cgroup of one command: a directory of the same name in one hierarchy or several.
 *
 * <p>A command may make cgroups of its own below, so every question and every action is about the
 * whole subtree.
 */
public final class CommandCgroup {
  private static final long REMOVE_PATIENCE_NANOS = 2_000_000_000L;
  private static final long REMOVE_RETRY_NANOS = 2_000_000L;
  private static final long FREEZE_PATIENCE_NANOS = 200_000_000L;
  private static final String LEAF = "main";
  private static final String KILL = "cgroup.kill";

  private final Cgroupfs fs;
  private final ControllerFiles files;
  // Those of v1 that refuse a process are left out, before the command runs.
  private volatile List<Path> directories;
  private final Map<Controller, Path> limited = new EnumMap<>(Controller.class);
  private final Map<Controller, String> refused = new EnumMap<>(Controller.class);
  private final String problem;
  private volatile boolean wasKilled;
  private final Optional<Mover> mover;
  private final List<Integer> kills = new ArrayList<>();

  /** Moves a process to the place for processes where this one may not do that itself. */
  @FunctionalInterface
  interface Mover {
    void move(int pid) throws IOException;
  }

  /**
   * One that has just been made.
   *
   * @param limited where each controller's limit is to be set
   * @param problem why there is none, though there should be; else empty
   * @param mover who can help where this process may not move another
   */
  public CommandCgroup(
      Cgroupfs fs,
      ControllerFiles files,
      List<Path> directories,
      Map<Controller, Path> limited,
      String problem,
      Optional<Mover> mover) {
    this.fs = fs;
    this.files = files;
    this.directories = List.copyOf(directories);
    this.limited.putAll(limited);
    this.problem = problem;
    this.mover = mover;
  }

  /** None: there are no cgroups here, or, with a problem, it could not be made. */
  public static CommandCgroup none(Cgroupfs fs, String problem) {
    return new CommandCgroup(
        fs, ControllerFiles.V2, List.of(), Map.of(), problem, Optional.empty());
  }

  /** One that is there already, or has gone: to count what is in it, and to end that. */
  public static CommandCgroup in(Cgroupfs fs, List<Path> directories) {
    return new CommandCgroup(fs, ControllerFiles.V2, directories, Map.of(), "", Optional.empty());
  }

  /** Makes a v2 cgroup's leaf for the processes: a cgroup with limits for those below has none. */
  static void makeLeaf(Cgroupfs fs, Path cgroup) throws IOException {
    fs.createNew(leaf(cgroup));
  }

  /** Where a v2 cgroup's processes are. */
  static Path leaf(Path cgroup) {
    return cgroup.resolve(LEAF);
  }

  /** The cgroup of the command whose processes are in {@code leaf}, if it is such a leaf. */
  static Optional<Path> ofLeaf(Path leaf) {
    Path above = leaf.getParent();
    return leaf.endsWith(LEAF) && Base.isPlace(above) ? Optional.of(above) : Optional.empty();
  }

  /** This one, of which the hierarchies of these controllers have refused their part, and why. */
  CommandCgroup refusing(Map<Controller, String> reasons) {
    refused.putAll(reasons);
    return this;
  }

  /** Why there is none for this controller; empty when there is, or when there was no attempt. */
  public String problem(Controller controller) {
    return refused.getOrDefault(controller, problem);
  }

  /** Its directories; none when this host has no usable cgroups. */
  public List<Path> directories() {
    return directories;
  }

  /** Whether there is one at all. */
  public boolean exists() {
    return !directories.isEmpty();
  }

  /** Where the limit of this controller is set, if it can be. */
  public Optional<Path> limited(Controller controller) {
    return Optional.ofNullable(limited.get(controller));
  }

  /**
   * Sets a limit, and sets it once more on the leaf of v2, so that it shows where {@code
   * /proc/PID/cgroup} leads.
   *
   * @return what reads back
   */
  public String set(Controller controller, Limits limits) throws IOException {
    Path place = limited.get(controller);
    if (fs.has(leaf(place), "")) {
      files.set(fs, leaf(place), controller, limits);
    }
    return files.set(fs, place, controller, limits);
  }

  /** What can end all of its processes in one step; empty when nothing can. */
  public Optional<String> wholeKill() {
    return directories.stream()
        .flatMap(d -> List.of("cgroup.kill", "freezer.state").stream().filter(f -> fs.has(d, f)))
        .findFirst();
  }

  /**
   * Moves a process that has one thread into every directory and reads back that it is there. A v1
   * hierarchy that refuses is left out, with its limits: each stands for itself.
   *
   * @throws IOException when none takes it
   */
  public void join(int pid, Procfs procfs) throws IOException {
    for (Path directory : directories) {
      try {
        // v1: tasks moves one thread, and cgroup.procs would wait 10 ms for all readers of a lock.
        move(pid, directory, fs.has(directory, "tasks") ? "tasks" : "cgroup.procs");
      } catch (IOException e) {
        if (directories.size() == 1) {
          throw e;
        }
        leaveOut(directory, e);
      }
    }
    if (exists() && !holds(pid, procfs)) {
      throw new IOException("process " + pid + " was moved into " + directories + ", and is not");
    }
  }

  private void leaveOut(Path directory, IOException why) throws IOException {
    directories = directories.stream().filter(d -> !d.equals(directory)).toList();
    for (Controller controller : Controller.values()) {
      if (limited.remove(controller, directory)) {
        refused.put(controller, why.getMessage());
      }
    }
    fs.remove(directory);
    fs.remove(directory.getParent());
  }

  private void move(int pid, Path directory, String file) throws IOException {
    Path leaf = leaf(directory);
    try {
      fs.write(fs.has(leaf, "") ? leaf : directory, file, Integer.toString(pid));
    } catch (IOException e) {
      if (mover.isEmpty()) {
        throw e;
      }
      mover.get().move(pid);
    }
  }

  /** Whether a process is in all directories, by their lists and by what the process shows. */
  private boolean holds(int pid, Procfs procfs) throws IOException {
    for (Path directory : directories) {
      if (!processesIn(directory).contains(pid)) {
        return false;
      }
    }
    return showsItself(pid, procfs);
  }

  /** Also when it ends meanwhile. */
  private boolean showsItself(int pid, Procfs procfs) throws IOException {
    Optional<Integer> thread = procfs.liveThread(pid);
    if (thread.isEmpty()) {
      return true;
    }
    String name = "/" + directories.get(0).getFileName();
    String membership = procfs.text(thread.get(), "cgroup").orElse("");
    return membership.lines().filter(l -> (l + "/").contains(name + "/")).count()
            >= directories.size()
        || !procfs.liveThread(pid).equals(thread);
  }

  /**
   * Those of these processes, and of those in any directory, that live and are not in every
   * directory. They must have been seen alive before this call.
   */
  public Set<Integer> strays(Set<Integer> seen, Procfs procfs) throws IOException {
    List<Set<Integer>> lists = lists(directories);
    Set<Integer> strays = new TreeSet<>();
    for (Set<Integer> inside : lists) {
      Set<Integer> outside = union(lists);
      outside.addAll(seen);
      outside.removeAll(inside);
      strays.addAll(outside);
    }
    // Outside of our namespace of processes: it has no number here.
    strays.remove(0);
    // Missing in the lists is also one that ends, or was moved within the subtree meanwhile.
    Set<Integer> confirmed = new TreeSet<>();
    for (int pid : strays) {
      if (!showsItself(pid, procfs)) {
        confirmed.add(pid);
      }
    }
    return confirmed;
  }

  /**
   * Moves a process, with all its threads, back into every directory, where it may end at once.
   *
   * @throws IOException also when it does not stay there
   */
  public void bringBack(int pid, Procfs procfs) throws IOException {
    for (Path directory : directories) {
      move(pid, directory, "cgroup.procs");
    }
    if (!holds(pid, procfs) && procfs.liveThread(pid).isPresent()) {
      throw new IOException("process " + pid + " did not stay in " + directories);
    }
  }

  private Set<Integer> processesIn(Path directory) throws IOException {
    Set<Integer> pids = new TreeSet<>();
    for (Path cgroup : fs.subtree(directory)) {
      pids.addAll(fs.processes(cgroup));
    }
    return pids;
  }

  /** The live processes of the whole subtree. */
  public Set<Integer> processes() throws IOException {
    return union(lists(directories));
  }

  private List<Set<Integer>> lists(List<Path> places) throws IOException {
    List<Set<Integer>> lists = new ArrayList<>();
    for (Path place : places) {
      lists.add(processesIn(place));
    }
    return lists;
  }

  private static Set<Integer> union(List<Set<Integer>> lists) {
    Set<Integer> pids = new TreeSet<>();
    lists.forEach(pids::addAll);
    return pids;
  }

  /** How many live processes it has. */
  public int count() throws IOException {
    // One task is one process, and nothing needs to be listed.
    if (!directories.isEmpty() && fs.number(directories.get(0), "pids.current").orElse(0) == 1) {
      return 1;
    }
    return processes().size();
  }

  /**
   * Opens what can end all of its processes in one step, while a refusal only means that the
   * command does not run: later there may be no descriptor to be had.
   */
  public synchronized void holdKill(Os os) throws OsException {
    for (Path directory : directories) {
      if (fs.has(directory, KILL)) {
        kills.add(os.open(fs.bytes(directory, KILL), Os.Open.WRITE, 0));
      }
    }
  }

  /**
   * Kills everything that can be killed by what {@link #holdKill} has opened, and reads nothing.
   */
  public synchronized void killHeld(Os os) throws OsException {
    for (int kill : kills) {
      try {
        os.write(kill, new byte[] {'1'});
      } catch (OsException e) {
        if (e.errno() != Errno.ENODEV) {
          throw e;
        }
        // It was removed, so there is nothing left to kill.
      }
    }
  }

  /** Closes what {@link #holdKill} has opened. Again: no effect. */
  public synchronized void releaseKill(Os os) throws OsException {
    while (!kills.isEmpty()) {
      os.close(kills.remove(kills.size() - 1));
    }
  }

  /**
   * Kills everything in it that can be killed as a whole, and keeps the rest from forking. It is no
   * error when somebody else removes it meanwhile.
   *
   * @return whether all of it was, as far as is known at the first time; else the caller has to
   *     kill {@link #processes} until there are none
   */
  public boolean kill(Os os) throws IOException {
    List<Path> killed = new ArrayList<>();
    for (Path directory : directories) {
      if (fs.has(directory, "cgroup.kill")) {
        fs.writeIfThere(directory, "cgroup.kill", "1");
        killed.add(directory);
      }
      for (Path cgroup : fs.subtree(directory)) {
        fs.writeIfThere(cgroup, "pids.max", "0");
      }
    }
    for (Path directory : directories) {
      if (killed.isEmpty() && fs.has(directory, "freezer.state") && killFrozen(directory, os)) {
        killed.add(directory);
      }
    }
    boolean again = wasKilled;
    wasKilled = !killed.isEmpty();
    return wasKilled && (!again || reachesAll(killed));
  }

  /**
   * Whether nobody is in another hierarchy alone: a process may leave each of them by itself. Asked
   * when the first kill has had its effect, since those who die are not listed alike.
   */
  private boolean reachesAll(List<Path> killed) throws IOException {
    Set<Integer> others =
        union(lists(directories.stream().filter(d -> !killed.contains(d)).toList()));
    return others.isEmpty() || union(lists(killed)).containsAll(others);
  }

  /**
   * admin-guide/cgroup-v1/freezer-subsystem.rst: what is frozen can not fork, and takes its KILL
   * when it is thawed.
   */
  private boolean killFrozen(Path directory, Os os) throws IOException {
    try {
      fs.write(directory, "freezer.state", "FROZEN");
      long deadline = System.nanoTime() + FREEZE_PATIENCE_NANOS;
      boolean frozen;
      while (!(frozen = fs.read(directory, "freezer.state").equals("FROZEN"))
          && System.nanoTime() < deadline) {
        LockSupport.parkNanos(REMOVE_RETRY_NANOS);
      }
      for (int pid : processesIn(directory)) {
        try {
          if (pid == 0) {
            // It is outside of our namespace of processes; to kill(2) this is our own group.
            frozen = false;
          } else {
            os.kill(pid, Signals.KILL);
          }
        } catch (OsException e) {
          // Another user's by now: the caller finds it among those that are left.
          frozen = false;
        }
      }
      return frozen;
    } catch (NoSuchFileException e) {
      // It was removed, so there is nothing left to kill.
      return true;
    } finally {
      fs.writeIfThere(directory, "freezer.state", "THAWED");
    }
  }

  /**
   * Thaws processes of the command, in whichever cgroup somebody has frozen them, unless others are
   * frozen there with them.
   *
   * @param self a process of Guard, which sees where cgroups are mounted
   */
  public void thaw(Set<Integer> pids, Procfs procfs, int self) throws IOException {
    new Freezers(fs, procfs, self).thaw(pids);
  }

  /** What a person can do about a process that is frozen; empty: it is not. */
  public Optional<String> frozen(int pid, Procfs procfs, int self) throws IOException {
    Freezers freezers = new Freezers(fs, procfs, self);
    return freezers.of(pid).map(freezers::remedy);
  }

  /**
   * Tells every guard of the user, whatever records it sees, that somebody looks after what is in
   * it though no parent does.
   *
   * @param until as long as this process lives; empty: as long as its processes like
   */
  public void cared(Optional<ProcessId> until, Procfs procfs) throws IOException {
    for (Path directory : directories) {
      CareMark.put(fs, directory, until, procfs);
    }
  }

  /** How often a task was refused; empty when tasks are not limited. */
  public OptionalLong forksRefused() throws IOException {
    Optional<Path> pids = limited(Controller.PIDS);
    return pids.isEmpty() ? OptionalLong.empty() : files.forksRefused(fs, pids.get());
  }

  /** pids.peak, where the kernel has it (6.0). */
  public OptionalLong peakPids() throws IOException {
    Optional<Path> pids = limited(Controller.PIDS);
    return pids.isEmpty() ? OptionalLong.empty() : fs.number(pids.get(), "pids.peak");
  }

  /** Processor time of all its processes, also of those that have ended, in microseconds. */
  public OptionalLong cpuMicros() throws IOException {
    for (Path directory : directories) {
      // v1 has this file too where it can limit, without such a line.
      if (fs.has(directory, "cpu.stat")) {
        OptionalLong micros = ControllerFiles.counter(fs, directory, "cpu.stat", "usage_usec");
        if (micros.isPresent()) {
          return micros;
        }
      }
      OptionalLong nanos = fs.number(directory, "cpuacct.usage");
      if (nanos.isPresent()) {
        return OptionalLong.of(nanos.getAsLong() / 1000);
      }
    }
    return OptionalLong.empty();
  }

  /** How many processes the kernel has killed for memory; empty when memory is not limited. */
  public OptionalLong oomKills() throws IOException {
    Optional<Path> memory = limited(Controller.MEMORY);
    return memory.isEmpty() ? OptionalLong.empty() : files.oomKills(fs, memory.get());
  }

  /** The most memory at one time, in bytes; empty where it is not counted. */
  public OptionalLong peakMemory() throws IOException {
    return first("memory.peak", "memory.max_usage_in_bytes");
  }

  /** Memory that it has now, in bytes; empty where it is not counted. */
  public OptionalLong memory() throws IOException {
    return first("memory.current", "memory.usage_in_bytes");
  }

  private OptionalLong first(String... files) throws IOException {
    for (Path directory : directories) {
      for (String file : files) {
        OptionalLong bytes = fs.number(directory, file);
        if (bytes.isPresent()) {
          return bytes;
        }
      }
    }
    return OptionalLong.empty();
  }

  /**
   * Removes it with all below. EBUSY is tried again, since a killed process leaves a moment after
   * it is gone from the list.
   */
  public List<Path> remove() throws IOException {
    long deadline = System.nanoTime() + REMOVE_PATIENCE_NANOS;
    while (true) {
      List<Path> busy = new ArrayList<>();
      for (Path directory : directories) {
        for (Path cgroup : fs.subtree(directory)) {
          if (!fs.remove(cgroup)) {
            busy.add(cgroup);
          }
        }
      }
      if (busy.isEmpty()) {
        removeEmptyBases();
        return busy;
      }
      if (System.nanoTime() > deadline) {
        return busy;
      }
      LockSupport.parkNanos(REMOVE_RETRY_NANOS);
    }
  }

  /** The common base goes with its last command; it is busy while there is another. */
  private void removeEmptyBases() throws IOException {
    for (Path directory : directories) {
      fs.remove(directory.getParent());
    }
  }
}
