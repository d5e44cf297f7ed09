/** The area HEADROOM says whether the limits of all commands together fit the machine. */
package dev.guard.doctor.headroom;
