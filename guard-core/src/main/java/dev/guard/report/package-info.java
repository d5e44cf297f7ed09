/**
 * This stage makes one result of what happened to a command, and writes it down. Nothing is null
 * unless said.
 */
package dev.guard.report;
