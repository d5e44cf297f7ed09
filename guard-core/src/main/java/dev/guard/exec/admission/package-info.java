/**
 * Stage admission: decides whether a command may start now, by the processes that live in its
 * budget and by the rate of starts. Decisions return at once; waiting happens elsewhere. Nothing is
 * null unless said.
 */
package dev.guard.exec.admission;
