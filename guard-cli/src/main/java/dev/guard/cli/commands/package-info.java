/**
 * This room has the commands on commands that live or have ended: ps, stop, kill, wait, logs, rm,
 * history, reap.
 */
package dev.guard.cli.commands;
