/** Guard as a library, in as few lines as it takes. Nothing is null unless said. */
package dev.guard.examples;
