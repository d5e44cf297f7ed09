/**
 * Stage reap: ends the whole tree of a command and proves that it has gone. Nothing is null unless
 * said.
 */
package dev.guard.exec.reap;
