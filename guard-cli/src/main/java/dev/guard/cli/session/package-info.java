/** The commands on sessions, and what tmux runs in each of their windows. */
package dev.guard.cli.session;
