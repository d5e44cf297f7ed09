/**
 * Stage monitor: waits for the end of the main process, its deadline or its cancellation, and for
 * nothing else. Nothing is null unless said.
 */
package dev.guard.exec.monitor;
