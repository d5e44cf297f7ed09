/**
 * Control groups: what is mounted, which driver fits, and the cgroup of one command with its
 * limits, members and counters. Nothing is null unless said.
 */
package dev.guard.cgroup;
