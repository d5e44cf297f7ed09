package dev.guard.value;

import java.time.Duration;
import java.util.function.IntConsumer;

/**
 * Says how a command waits where its budget has no room, first come, first served among all guards
 * of the user.
 *
 * @param atMost the longest wait, after which the command is refused
 * @param position called with the command's place in the queue, 1 for the next one, whenever that
 *     changes
 */
public record Queueing(Duration atMost, IntConsumer position) {}
