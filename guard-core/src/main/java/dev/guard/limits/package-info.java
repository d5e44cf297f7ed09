/**
 * The third stage of a command: limits are put on the held process and read back. Nothing is null
 * unless said.
 */
package dev.guard.limits;
