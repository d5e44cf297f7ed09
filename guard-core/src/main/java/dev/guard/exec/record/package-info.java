/**
 * Stage record: makes one result out of what the stages found, with a single cause, and writes it
 * as JSON. Nothing is null unless said.
 */
package dev.guard.exec.record;
