/**
 * Why this host behaves as it does: checks that look and never change anything, each with findings
 * of a status, a reason and a remedy. It is off the path of a command. Nothing is null unless said.
 */
package dev.guard.doctor;
