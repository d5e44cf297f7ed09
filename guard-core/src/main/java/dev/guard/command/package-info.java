/**
 * This room runs commands, each stage by stage and with its clean-up, and has the index of all
 * commands of a user with the ways to end each. Nothing is null unless said.
 */
package dev.guard.command;
