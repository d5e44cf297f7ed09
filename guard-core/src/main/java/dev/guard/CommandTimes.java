package dev.guard;

import java.time.Duration;
import java.time.Instant;

/**
 * Tells when things happened to a command.
 *
 * @param requested wall clock, when the request came
 * @param waited how long it waited for a place in its budget and for the rate limit
 * @param ran from its release to the end of its main process; zero when it never ran
 * @param reaped from the end of its main process to the proof that its tree is empty
 * @param ended wall clock, when all was over
 */
public record CommandTimes(
    Instant requested, Duration waited, Duration ran, Duration reaped, Instant ended) {}
