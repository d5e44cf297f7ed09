/**
 * This room holds what a command is asked to be and what came of it: immutable values that every
 * stage may read, and that decide nothing. Nothing is null unless said.
 */
package dev.guard.value;
