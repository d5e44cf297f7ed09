/**
 * The last stage of a command: one result is made of what happened, and written down. Nothing is
 * null unless said.
 */
package dev.guard.report;
