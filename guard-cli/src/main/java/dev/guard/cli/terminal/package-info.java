/**
 * This room passes the terminal and the signals of guard on to the command that runs, see
 * docs/terminal.md.
 */
package dev.guard.cli.terminal;
