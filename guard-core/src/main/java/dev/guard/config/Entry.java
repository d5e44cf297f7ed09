package dev.guard.config;

/**
 * One value that somebody set.
 *
 * @param where the file and line, the variable or the flag
 * @param mayLoosen false for a project's file, which may only tighten
 */
record Entry(Setting setting, Value value, String where, boolean mayLoosen) {}
