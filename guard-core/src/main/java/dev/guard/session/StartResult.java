package dev.guard.session;

import java.util.List;
import java.util.Optional;

/**
 * Says how the start of a session's command ended.
 *
 * @param id the command's; empty when it did not run
 * @param exitCode that of guard where it did not run
 * @param messages what guard had to say
 */
public record StartResult(Optional<String> id, int exitCode, List<String> messages) {}
