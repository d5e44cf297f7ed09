/** The commands on settings: config and trust. */
package dev.guard.cli.settings;
