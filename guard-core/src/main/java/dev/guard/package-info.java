/**
 * Guard for Java programs: {@link dev.guard.Guard} runs commands inside limits that the kernel
 * enforces.
 *
 * <p>In all packages of Guard nothing is null, neither parameter nor result nor field, unless its
 * documentation says so.
 */
package dev.guard;
