/**
 * How fast Guard is. No figure is asserted anywhere: machines differ, ratios on one are compared.
 */
package dev.guard.bench;
