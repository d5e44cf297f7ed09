/** The area LEAKS says what is left over from commands, and what is about to run out. */
package dev.guard.doctor.leak;
