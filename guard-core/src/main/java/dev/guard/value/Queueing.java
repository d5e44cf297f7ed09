package dev.guard.value;

import java.time.Duration;
import java.util.function.IntConsumer;

/**
 * Says how a command waits where its budget has no room, first come, first served among all guards
 * of the user.
 *
 * @param atMost then it is refused
 * @param position called with its place in the queue, 1 for the next one, whenever that changes
 */
public record Queueing(Duration atMost, IntConsumer position) {}
