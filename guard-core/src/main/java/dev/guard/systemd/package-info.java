/**
 * This room describes scopes of systemd, and starts processes in them. Nothing is null unless said.
 */
package dev.guard.systemd;
