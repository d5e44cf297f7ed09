/**
 * This room has {@code guard setup}: which agents there are, which file of each is edited, and how
 * a text is edited so that all else in it stays.
 */
package dev.guard.cli.setup;
