/**
 * This room knows settings: where they can stand, which values they take, and which of them are in
 * force. Every problem is collected, and all are reported at once. Nothing is null unless said.
 */
package dev.guard.config;
