/** The area SYSTEMD says what the service managers are, and what they would do to sessions. */
package dev.guard.doctor.systemd;
