/** {@code guard gateway}: the process that serves the calls of a user. */
package dev.guard.cli.gateway;
