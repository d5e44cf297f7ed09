/**
 * The sixth stage of a command: its whole tree is ended, and it is proved that nothing is left.
 * Nothing is null unless said.
 */
package dev.guard.reap;
