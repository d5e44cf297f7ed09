/**
 * This room keeps sessions: a command on a terminal of its own that outlives whoever started it, in
 * a tmux server, where there is a service manager in a scope of its own. Nothing is null unless
 * said.
 */
package dev.guard.session;
