/**
 * {@code guard exec} runs one command; it is read from {@link dev.guard.cli.exec.ExecCommand} on.
 * It loads no library.
 */
package dev.guard.cli.exec;
