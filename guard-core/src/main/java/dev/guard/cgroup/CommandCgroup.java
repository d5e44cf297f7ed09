package dev.guard.cgroup;

import dev.guard.os.Cgroupfs;
import dev.guard.os.ProcessId;
import dev.guard.os.Procfs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * Keeps the cgroup of one command, from the join of the held process, by its limits, to its
 * removal. This cgroup is a directory of the same name in one hierarchy or several, made by a
 * {@link CgroupDriver}.
 *
 * <p>A command may make cgroups of its own below, so every question and every action is about the
 * whole subtree. Who is in it, what it has used, and how it is killed are {@link #members}, {@link
 * #counters} and {@link #killer}.
 */
public final class CommandCgroup {
  /** Lists classes that the end of a command needs, to be loaded while there are descriptors. */
  public static final List<Class<?>> CLASSES = List.of(CommandCgroup.class, KeptMark.class);

  private static final long REMOVE_PATIENCE_NANOS = 2_000_000_000L;
  private static final long REMOVE_RETRY_NANOS = 2_000_000L;

  private final Cgroupfs fs;
  private final ControllerFiles files;
  // Directories of v1 that refuse a process are left out, before the command runs.
  private volatile List<Path> directories;
  private final Map<Controller, Path> limited = new EnumMap<>(Controller.class);
  private final Map<Controller, String> refused = new EnumMap<>(Controller.class);
  private final String problem;
  private final Optional<CgroupMembers.Mover> mover;
  private final CgroupKiller killer;

  /**
   * Describes a cgroup that has just been made.
   *
   * @param limited where each controller's limit is to be set
   * @param refused the controllers whose hierarchy has refused its part, and why
   * @param problem why there is no cgroup, though there should be; else empty
   * @param mover the means to move another process where this one may not
   */
  CommandCgroup(
      Cgroupfs fs,
      ControllerFiles files,
      List<Path> directories,
      Map<Controller, Path> limited,
      Map<Controller, String> refused,
      String problem,
      Optional<CgroupMembers.Mover> mover) {
    this.fs = fs;
    this.files = files;
    this.directories = List.copyOf(directories);
    this.limited.putAll(limited);
    this.refused.putAll(refused);
    this.problem = problem;
    this.mover = mover;
    this.killer = new CgroupKiller(fs, this.directories);
  }

  /** Stands for no cgroup: this host has none to use, or, with a problem, it could not be made. */
  public static CommandCgroup none(Cgroupfs fs, String problem) {
    return of(fs, List.of(), problem);
  }

  /** Takes a cgroup that is there already, or has gone, to count and to end what is in it. */
  public static CommandCgroup in(Cgroupfs fs, List<Path> directories) {
    return of(fs, directories, "");
  }

  /**
   * Takes the cgroup of a command that runs, with the limits that another process has set there.
   *
   * @param directories as that has written them down
   */
  public static CommandCgroup resumed(Cgroupfs fs, List<Path> directories) throws IOException {
    Map<Controller, Path> limited = new EnumMap<>(Controller.class);
    ControllerFiles files = ControllerFiles.V2;
    for (Path directory : directories) {
      for (Controller controller : Controller.values()) {
        if (ControllerFiles.V2.cap(fs, directory, controller).isPresent()) {
          limited.put(controller, directory);
        } else if (ControllerFiles.V1.cap(fs, directory, controller).isPresent()) {
          limited.put(controller, directory);
          files = ControllerFiles.V1;
        }
      }
    }
    return new CommandCgroup(fs, files, directories, limited, Map.of(), "", Optional.empty());
  }

  private static CommandCgroup of(Cgroupfs fs, List<Path> directories, String problem) {
    return new CommandCgroup(
        fs, ControllerFiles.V2, directories, Map.of(), Map.of(), problem, Optional.empty());
  }

  /** Says why no limit of this controller can be set; empty when one can, or was not to be. */
  public String problem(Controller controller) {
    return refused.getOrDefault(controller, problem);
  }

  /** Lists the cgroup's directories; none when this host has no usable cgroups. */
  public List<Path> directories() {
    return directories;
  }

  /**
   * One of its directories, and how a process comes into it.
   *
   * @param directory of the command
   * @param v1 whether the process writes to {@code tasks}; else to {@code cgroup.procs}
   * @param hasLeaf whether it joins the leaf below, since a cgroup of v2 whose controllers are
   *     enabled for its children has no process of its own
   * @param byManager whether a service manager moves it there, since it may not do that itself
   */
  public record Entrance(Path directory, boolean v1, boolean hasLeaf, boolean byManager) {
    /**
     * Names the file to which a process writes 0 to come in: of v1 {@code tasks}, for which the
     * kernel need not stop all other threads of the machine.
     */
    public Path file() {
      Path place = hasLeaf ? BaseCgroup.leaf(directory) : directory;
      return place.resolve(v1 ? "tasks" : "cgroup.procs");
    }
  }

  /** Lists its directories with the ways into them. */
  public List<Entrance> entrances() {
    List<Entrance> entrances = new ArrayList<>();
    for (Path directory : directories) {
      boolean hasLeaf = fs.has(BaseCgroup.leaf(directory), "");
      boolean byManager = mover.isPresent() && mover.get().isOnlyWay();
      entrances.add(new Entrance(directory, fs.has(directory, "tasks"), hasLeaf, byManager));
    }
    return entrances;
  }

  /** Tells whether there is a cgroup at all. */
  public boolean exists() {
    return !directories.isEmpty();
  }

  /** Says where the limit of this controller is set, if one can be. */
  public Optional<Path> limited(Controller controller) {
    return Optional.ofNullable(limited.get(controller));
  }

  /** Gives access to the processes in the cgroup. */
  public CgroupMembers members() {
    return new CgroupMembers(fs, directories, mover);
  }

  /** Lists the live processes of the cgroup's whole subtree. */
  public Set<Integer> processes() throws IOException {
    return members().processes();
  }

  /** Gives access to the counters that the kernel keeps of the cgroup. */
  public CgroupCounters counters() {
    return new CgroupCounters(
        fs, files, directories, limited(Controller.PIDS), limited(Controller.MEMORY));
  }

  /** Gives access to the means to kill the cgroup as a whole. */
  public CgroupKiller killer() {
    return killer;
  }

  /**
   * Gives access to the cgroups in which processes of the command are frozen, wherever they are.
   *
   * @param self a process of Guard, which sees where cgroups are mounted
   */
  public Freezers freezers(Procfs procfs, int self) throws IOException {
    return new Freezers(fs, procfs, self);
  }

  /**
   * Sets a limit, and sets the same once more on the leaf of v2, so that it shows where {@code
   * /proc/PID/cgroup} leads.
   *
   * @return the text that reads back
   */
  public String set(Controller controller, CgroupLimits limits) throws IOException {
    Path place = limited.get(controller);
    Path leaf = BaseCgroup.leaf(place);
    if (fs.has(leaf, "")) {
      files.set(fs, leaf, controller, limits);
    }
    return files.set(fs, place, controller, limits);
  }

  /**
   * Moves a process that has one thread into every directory and reads back that it is there. A v1
   * hierarchy that refuses is left out, with its limits: each stands for itself. No effect when it
   * is there already.
   *
   * @throws IOException when no directory takes the process
   */
  public void join(int pid, Procfs procfs) throws IOException {
    if (exists() && members().holds(pid, procfs)) {
      return;
    }
    for (Path directory : directories) {
      try {
        members().join(pid, directory);
      } catch (IOException e) {
        if (directories.size() == 1) {
          throw e;
        }
        leaveOut(directory, e);
      }
    }
    if (exists() && !members().holds(pid, procfs)) {
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

  /**
   * Tells every guard of the user, whatever records it sees, that the processes in the cgroup are
   * kept though no parent looks after them.
   *
   * @param until the process whose end ends the mark; empty: only the end of the command's
   *     processes does
   */
  public void markKept(Optional<ProcessId> until, Procfs procfs) throws IOException {
    for (Path directory : directories) {
      KeptMark.put(fs, directory, until, procfs);
    }
  }

  /**
   * Removes the cgroup with all below. EBUSY is tried again, since a killed process leaves a moment
   * after it is gone from the list.
   *
   * @return the directories that stay busy
   */
  public List<Path> remove() throws IOException {
    long deadline = System.nanoTime() + REMOVE_PATIENCE_NANOS;
    while (true) {
      List<Path> busy = removeOnce();
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

  private List<Path> removeOnce() throws IOException {
    List<Path> busy = new ArrayList<>();
    for (Path directory : directories) {
      for (Path cgroup : fs.subtree(directory)) {
        if (!fs.remove(cgroup)) {
          busy.add(cgroup);
        }
      }
    }
    return busy;
  }

  /** Removes the common base with its last command; the base is busy while there is another. */
  private void removeEmptyBases() throws IOException {
    for (Path directory : directories) {
      fs.remove(directory.getParent());
    }
  }
}
