/** Scopes of systemd: how a process is started in one. Nothing is null unless said. */
package dev.guard.systemd;
