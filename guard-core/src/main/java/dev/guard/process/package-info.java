/**
 * This room knows trees of processes: who descends from whom, whose orphans are whose, and who
 * belongs to a command. Nothing is null unless said.
 */
package dev.guard.process;
