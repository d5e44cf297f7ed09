/**
 * The terminal and the signals of guard are passed on to the command that runs, see
 * docs/terminal.md.
 */
package dev.guard.cli.terminal;
