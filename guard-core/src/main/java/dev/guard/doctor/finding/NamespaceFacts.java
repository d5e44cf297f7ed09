package dev.guard.doctor.finding;

import java.util.List;
import java.util.Optional;

/**
 * Tells programs the facts about one mount namespace.
 *
 * @param id the id of the mount at /, as in the first field of /proc/PID/mountinfo; empty when the
 *     root directory is no mount
 * @param hosts whether the namespace is that of the host's first process
 * @param own whether guard is in the namespace itself
 * @param cause the maker of the namespace: directives, unshare, chroot or container; empty for the
 *     host's
 * @param source how the cause is known: unit, mounts or process; empty for the host's
 * @param directives the directives, as in a unit's file
 * @param unit the unit that has, or had, the directives
 */
public record NamespaceFacts(
    String id,
    boolean hosts,
    boolean own,
    String cause,
    String source,
    List<String> directives,
    Optional<String> unit,
    List<SeenProcess> processes,
    List<Directory> directories,
    List<Bus> buses) {
  /** Copies the lists. */
  public NamespaceFacts {
    directives = List.copyOf(directives);
    processes = List.copyOf(processes);
    directories = List.copyOf(directories);
    buses = List.copyOf(buses);
  }

  /**
   * Describes a process that was looked at and is in the namespace.
   *
   * @param why the reason for the look: agent NAME, session, guarded, or process when it was asked
   *     for
   * @param unit the process's unit, where it is in one
   * @param manager whose manager has that unit: system, or user
   */
  public record SeenProcess(
      int pid,
      String user,
      String why,
      Optional<String> unit,
      String manager,
      String cgroup,
      String command) {}

  /**
   * Describes a directory as processes in the namespace see it.
   *
   * @param writable whether the directory's mount is writable; not its permissions
   * @param mountPoint the mount that the directory is reached through; empty when that is not known
   * @param difference against the host's first process: the same, read-only, private, ...
   */
  public record Directory(String path, boolean writable, String mountPoint, String difference) {}

  /**
   * Describes the bus of a user as processes in the namespace see it.
   *
   * @param reachable whether the bus's socket is there
   * @param reason why the bus is not reachable; empty when it is
   */
  public record Bus(String user, String path, boolean reachable, String reason) {}
}
