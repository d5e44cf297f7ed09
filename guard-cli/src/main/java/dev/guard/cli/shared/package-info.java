/**
 * What all families of commands share: how guard was called, the settings in force there, how
 * commands are named, and what is said to people. It knows no family.
 */
package dev.guard.cli.shared;
