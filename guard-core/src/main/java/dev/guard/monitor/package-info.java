/**
 * This stage waits for the end of a command, its deadline or whoever cancels it, with an eye on
 * processes that leave its cgroup. Nothing is null unless said.
 */
package dev.guard.monitor;
