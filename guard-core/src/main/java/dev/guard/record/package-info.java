/**
 * This room keeps what a command leaves for others to read: its record while it lives, and its line
 * in the history after that. Nothing is null unless said.
 */
package dev.guard.record;
