/** Findings are what every check answers: the areas, the checks, what was found and its remedy. */
package dev.guard.doctor.finding;
