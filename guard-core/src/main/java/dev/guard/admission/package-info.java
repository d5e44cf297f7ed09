/**
 * This stage gives a command a place in its budget, and a turn in the rate of starts. Nothing is
 * null unless said.
 */
package dev.guard.admission;
