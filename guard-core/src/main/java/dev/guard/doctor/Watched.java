package dev.guard.doctor;

import java.util.Optional;

/**
 * A process that is looked at.
 *
 * @param user its effective user id
 * @param why what it is: an agent, a session, a guarded process, or one that was asked for
 * @param command its arguments, cut
 * @param cgroup its path as systemd has it, or as the kernel says it where systemd has none
 * @param unit its unit, if it is in one
 * @param contained whether it is in a container, or in another namespace of processes
 */
record Watched(
    int pid,
    int user,
    String why,
    String command,
    String cgroup,
    Optional<Unit> unit,
    boolean contained) {}
