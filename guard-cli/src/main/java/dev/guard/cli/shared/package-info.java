/**
 * This room has the code that all families of commands share: how guard was called, the settings in
 * force there, how commands are named, and what is said to people. The room knows no family.
 */
package dev.guard.cli.shared;
