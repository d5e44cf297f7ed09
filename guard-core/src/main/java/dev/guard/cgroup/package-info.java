/**
 * This room knows control groups: the situation of a caller, the driver that fits it, and the
 * cgroup of one command with its limits, its members, its counters and the means to kill it.
 * Nothing is null unless said.
 */
package dev.guard.cgroup;
