package dev.guard;

/**
 * Identifies a process that lives on in spite of Guard.
 *
 * @param pid the process's number
 * @param command the first 15 bytes of the name of the process's program, as /proc has it
 */
public record LiveProcess(int pid, String command) {}
