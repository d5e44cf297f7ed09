/**
 * This stage ends the whole tree of a command, and proves that nothing is left. Nothing is null
 * unless said.
 */
package dev.guard.reap;
