/**
 * The gateway decides for commands whose parent is another process, the shim, and speaks to it over
 * a socket.
 */
package dev.guard.gateway;
