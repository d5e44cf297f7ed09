/**
 * This room keeps what all guards of a user share in files: the directories and who may be believed
 * in them, locks, the log of a detached command, and JSON. Nothing is null unless said.
 */
package dev.guard.store;
