package dev.guard.os;

/**
 * Says how a program that was run to its end has ended, and what it said.
 *
 * @param status the exit status as a shell shows it; that of {@link WaitStatus#UNKNOWN} where
 *     nobody knows
 */
public record ProgramResult(int status, String output, String errors) {}
