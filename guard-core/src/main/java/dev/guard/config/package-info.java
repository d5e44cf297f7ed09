/**
 * Settings: where they can stand, what they take, and which of them are in force. Every problem is
 * collected, and all are reported at once. Nothing is null unless said.
 */
package dev.guard.config;
