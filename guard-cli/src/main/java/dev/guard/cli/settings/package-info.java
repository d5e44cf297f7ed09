/** This room has the commands on settings: config and trust. */
package dev.guard.cli.settings;
