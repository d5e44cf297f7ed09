/**
 * The operating system: calls of the C library, and the texts of proc and cgroup file systems as
 * records. It uses nothing else of Guard. Nothing is null unless said.
 */
package dev.guard.os;
