/** {@code guard doctor} shows what the doctor has found, to people and to programs. */
package dev.guard.cli.doctor;
