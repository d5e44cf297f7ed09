package dev.guard.cgroup;

import dev.guard.os.Cgroupfs;
import dev.guard.os.Procfs;
import dev.guard.store.CommandId;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** Finds the cgroups of commands, wherever guards have made them. */
public final class CommandCgroups {
  private static final Pattern INSIDE = Pattern.compile("/guard/cmd_[0-9a-f]{16}(/|$)");

  private CommandCgroups() {}

  /** Tells whether a path is, by its names, the cgroup of the command with this id. */
  public static boolean isOf(String id, Path cgroup) {
    return BaseCgroup.isPlace(cgroup)
        && BaseCgroup.commandOf(cgroup).filter(id::equals).isPresent();
  }

  /**
   * Finds the cgroups that belong to a user, by the id of the command; walks through every
   * hierarchy that this process sees.
   *
   * @param user the user id that the directories belong to
   */
  public static Map<String, List<Path>> of(int user, Procfs procfs, Cgroupfs fs, int self)
      throws IOException {
    return find(cgroup -> fs.owner(cgroup) == user, procfs, fs, self);
  }

  /** Finds the cgroups of all users, by the id of the command. */
  public static Map<String, List<Path>> ofAll(Procfs procfs, Cgroupfs fs, int self)
      throws IOException {
    return find(cgroup -> true, procfs, fs, self);
  }

  /**
   * Tells whether one of these cgroups of a command is marked as kept, or may be.
   *
   * @see CommandCgroup#markKept
   */
  public static boolean areKept(List<Path> cgroups, Procfs procfs, Cgroupfs fs) throws IOException {
    return KeptMark.isOn(fs, cgroups, procfs);
  }

  /** Tells whether a cgroup is that of a command that is part of another. */
  public static boolean isInner(Path cgroup) {
    return BaseCgroup.commandOf(cgroup.getParent()).isPresent();
  }

  private static Map<String, List<Path>> find(
      Predicate<Path> wanted, Procfs procfs, Cgroupfs fs, int self) throws IOException {
    Map<String, List<Path>> found = new TreeMap<>();
    String mounts = procfs.text(self, "mountinfo").orElse("");
    for (Hierarchy hierarchy : Hierarchy.parse(mounts, procfs.text(self, "cgroup").orElse(""))) {
      for (Path cgroup : fs.subtree(hierarchy.mountPoint())) {
        if (BaseCgroup.isPlace(cgroup) && wanted.test(cgroup)) {
          String id = BaseCgroup.commandOf(cgroup).orElseThrow();
          if (CommandId.is(id)) {
            found.computeIfAbsent(id, i -> new ArrayList<>()).add(cgroup);
          }
        }
      }
    }
    return found;
  }

  /**
   * Reads the innermost command whose cgroup a process is in from the names of its cgroups.
   *
   * @param membership the process's /proc/PID/cgroup
   */
  public static Optional<String> idOf(String membership) {
    return membership
        .lines()
        .filter(CommandCgroups::isInOne)
        .map(line -> line.substring(line.indexOf('/')))
        .flatMap(path -> BaseCgroup.commandOf(Path.of(path)).stream())
        .filter(CommandId::is)
        .findFirst();
  }

  /**
   * Tells whether a process is, by the names of its cgroups, in that of a command.
   *
   * @param membership the process's /proc/PID/cgroup
   */
  public static boolean isInOne(String membership) {
    // This is asked of every process of the machine, few of which are in a command's cgroup.
    return membership.contains("/guard/cmd_")
        && membership.lines().anyMatch(line -> INSIDE.matcher(line).find());
  }
}
