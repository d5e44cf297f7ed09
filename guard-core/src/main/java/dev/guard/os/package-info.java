/**
 * This room talks to the operating system: calls of the C library by family, programs that are run,
 * files that others may replace, and the texts of proc and cgroup file systems as records. The room
 * uses nothing else of Guard. Nothing is null unless said.
 */
package dev.guard.os;
