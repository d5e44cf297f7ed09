/**
 * {@code guard exec} runs one command; it is read from {@link dev.guard.cli.exec.ExecCommand} on.
 * Classes here load no library, since {@code guard exec} pays for each with its start.
 */
package dev.guard.cli.exec;
