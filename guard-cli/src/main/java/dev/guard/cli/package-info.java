/**
 * The {@code guard} command begins here: what runs a command is parsed by hand, everything else by
 * picocli. Each family of commands has a room and knows no other one. Nothing is null unless said.
 */
package dev.guard.cli;
