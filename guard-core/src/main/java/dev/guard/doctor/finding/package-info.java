/**
 * This room holds findings, the answers of every check: the areas, the checks, what was found and
 * its remedy.
 */
package dev.guard.doctor.finding;
