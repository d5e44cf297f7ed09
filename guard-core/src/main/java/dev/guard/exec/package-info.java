/**
 * The life of a command. {@link dev.guard.exec.Guard} is the public entry; the packages below are
 * its stages, and their alphabetical order is the order in which they run. Nothing is null unless
 * said.
 */
package dev.guard.exec;
