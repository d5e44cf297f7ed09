package dev.guard.session;

import java.util.List;
import java.util.Optional;

/**
 * Says how the start of a session's command ended.
 *
 * @param id the command's id; empty when it did not run
 * @param exitCode the exit status of guard where the command did not run
 * @param messages the lines that guard had to say
 */
public record StartResult(Optional<String> id, int exitCode, List<String> messages) {}
