/**
 * The run of one command, stage by stage, with its clean-up; and the index of all commands of a
 * user, with the ways to end each. Nothing is null unless said.
 */
package dev.guard.command;
