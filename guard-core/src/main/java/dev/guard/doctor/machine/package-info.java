/**
 * This room describes the machine that is examined, which is handed to every area: its files, its
 * programs, its service managers, its users, and the commands that live on it.
 */
package dev.guard.doctor.machine;
