/**
 * This stage spawns the process of a command in a process group of its own and holds it at a gate
 * until it is released. Nothing is null unless said.
 */
package dev.guard.launch;
