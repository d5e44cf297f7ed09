package dev.guard.doctor.namespace;

import dev.guard.doctor.machine.SystemdUnit;
import java.util.Optional;

/**
 * Describes a process that the doctor looks at.
 *
 * @param user the process's effective user id
 * @param why the kind of process: an agent, a session, a guarded process, or one that was asked for
 * @param command the process's arguments, cut
 * @param cgroup the process's cgroup as systemd has it, or as the kernel says it where systemd has
 *     none
 * @param unit the process's unit, if it is in one
 * @param contained whether the process is in a container, or in another namespace of processes
 */
record ExaminedProcess(
    int pid,
    int user,
    String why,
    String command,
    String cgroup,
    Optional<SystemdUnit> unit,
    boolean contained) {
  private static final int FIRST = 1;

  /** The reason for a look at a process that somebody has only asked about. */
  static final String GIVEN = "process";

  /**
   * Answers whether a remedy may end the process: never process 1, nor one that Guard does not
   * know.
   */
  boolean mayBeEnded() {
    return pid != FIRST && !why.equals(GIVEN);
  }
}
