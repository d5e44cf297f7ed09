package dev.guard.session;

import dev.guard.record.CommandRecord;
import java.util.List;
import java.util.Optional;

/**
 * Describes a session that is there, at one moment.
 *
 * @param command the session's command, while that lives
 * @param windows the commands in the session's other windows
 * @param attached the number of clients that show the session
 */
public record LiveSession(
    Session session,
    SessionState state,
    Optional<CommandRecord> command,
    List<CommandRecord> windows,
    int attached) {}
