/**
 * The stage in which the process of a command is spawned in a process group of its own and held at
 * a gate until it is released. Nothing is null unless said.
 */
package dev.guard.launch;
