/**
 * The values that go in and come out: a request, its outcome, its result and its receipt.
 *
 * <p>In all packages of Guard nothing is null, neither parameter nor result nor field, unless its
 * documentation says so.
 */
package dev.guard;
