/**
 * The second stage of a command: its process is spawned in a process group of its own and held at a
 * gate until it is released. Nothing is null unless said.
 */
package dev.guard.launch;
