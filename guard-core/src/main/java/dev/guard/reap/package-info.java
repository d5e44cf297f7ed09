/**
 * The sixth stage of a command ends its whole tree, and proves that nothing is left. Nothing is
 * null unless said.
 */
package dev.guard.reap;
