/** The area SYSTEMD says which service managers there are, and how they would treat sessions. */
package dev.guard.doctor.systemd;
