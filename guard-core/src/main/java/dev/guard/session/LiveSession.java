package dev.guard.session;

import dev.guard.record.CommandRecord;
import java.util.List;
import java.util.Optional;

/**
 * Describes a session that is there, at one moment.
 *
 * @param command its command, while that lives
 * @param windows the commands in its other windows
 * @param attached how many clients show it
 */
public record LiveSession(
    Session session,
    SessionState state,
    Optional<CommandRecord> command,
    List<CommandRecord> windows,
    int attached) {}
