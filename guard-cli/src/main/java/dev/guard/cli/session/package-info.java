/** This room has the commands on sessions, and the one that tmux runs in each of their windows. */
package dev.guard.cli.session;
