package dev.guard;

import java.time.Duration;
import java.time.Instant;

/**
 * Tells when things happened to a command.
 *
 * @param requested wall clock, when the request came
 * @param waited how long the command waited for a place in its budget and for the rate limit
 * @param ran the time from the command's release to the end of its main process; zero when it never
 *     ran
 * @param reaped the time from the end of the main process to the proof that the command's tree is
 *     empty
 * @param ended wall clock, when all was over
 */
public record CommandTimes(
    Instant requested, Duration waited, Duration ran, Duration reaped, Instant ended) {}
