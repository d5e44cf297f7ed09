package dev.guard.session;

import dev.guard.os.OsString;
import dev.guard.record.Monotonic;
import dev.guard.value.Environment;
import dev.guard.value.Request;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Describes a session as it was asked for. Every command and window in the session is started from
 * this.
 *
 * @param name the session's name: letters, digits, {@code . _ -}; also the name of its command
 * @param argv the command
 * @param options the options of {@code guard exec} for each command in the session, as words
 * @param environment the environment of each command in the session
 * @param shared whether the session's tmux server is the one for all such sessions
 * @param unit the scope that the session's server is in; empty: that of whoever started the server
 * @param requested wall clock
 * @param requestedNanos the moment of the request by {@link System#nanoTime}; empty in the file of
 *     a guard that did not write it yet
 */
public record Session(
    String name,
    List<OsString> argv,
    List<OsString> options,
    Environment environment,
    boolean shared,
    Optional<String> unit,
    Instant requested,
    OptionalLong requestedNanos) {

  /** The scope of the server for all sessions that want no server of their own. */
  public static final String SHARED_UNIT = "guard-sessions.scope";

  /** The most characters of a name: with more, those of units and sockets would be too long. */
  public static final int LONGEST_NAME = 56;

  /** Tells whether a session can be called so; files, units and tmux have it by its name. */
  public static boolean isName(String text) {
    return Request.isName(text) && text.length() <= LONGEST_NAME;
  }

  /** Names the scope of a session. */
  public static String unit(String name) {
    return "guard-session-" + name + ".scope";
  }

  /** Names the budget of a session, unless told otherwise. */
  public static String budget(String name) {
    return "session-" + name;
  }

  /**
   * Answers the session's name in tmux, which itself would make a dot an underscore, as in another
   * name.
   */
  String inTmux() {
    return name.replace('.', '+');
  }

  /** Tells how long ago the session was requested; never negative. */
  public Duration age() {
    return Monotonic.since(requestedNanos, requested);
  }

  /** Makes a session of which no more is known than its name, on a server of its own. */
  static Session damaged(String name) {
    return new Session(
        name,
        List.of(),
        List.of(),
        new Environment(List.of()),
        false,
        Optional.of(unit(name)),
        Instant.EPOCH,
        OptionalLong.empty());
  }

  /** Copies the session with another scope. */
  public Session in(Optional<String> scope) {
    return new Session(name, argv, options, environment, shared, scope, requested, requestedNanos);
  }
}
