/**
 * The {@code guard} command: arguments, terminal and signals around {@link
 * dev.guard.command.Guard}. Nothing is null unless said.
 */
package dev.guard.cli;
