package dev.guard;

/**
 * Identifies a process that lives on in spite of Guard.
 *
 * @param pid its number
 * @param command the first 15 bytes of its program's name, as /proc has it
 */
public record LiveProcess(int pid, String command) {}
