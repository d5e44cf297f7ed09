package dev.guard.gateway;

import dev.guard.os.OsString;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The first message of a shim says how it was called.
 *
 * @param ignoredSignals bit n-1: its caller had signal n ignored
 * @param blockedSignals bit n-1: its caller had signal n blocked
 * @param flags bits 0 to 2: descriptor 0, 1, 2 is closed; bits 3 to 5: it is a terminal; bit 6: its
 *     command runs already
 * @param directory where it works; empty: that was removed, or has no path
 * @param argumentCount how many arguments it has, with its own name
 * @param arguments the first of them
 * @param variables those that settings and places of files come from
 * @param log its descriptor that the output of a detached command is read from; 0: it has not
 *     detached itself
 */
public record Hello(
    long ignoredSignals,
    long blockedSignals,
    int flags,
    Optional<OsString> directory,
    int argumentCount,
    List<OsString> arguments,
    List<OsString> variables,
    int log) {
  private static final int PROTOCOL = 1;
  private static final int FIRST_TERMINAL = 3;
  private static final int RUNS = 6;

  static Hello of(Frame frame) throws ProtocolException {
    FieldReader fields = new FieldReader(frame);
    int protocol = fields.u32();
    if (protocol != PROTOCOL) {
      throw new ProtocolException("protocol " + protocol);
    }
    long ignored = fields.u64();
    long blocked = fields.u64();
    int flags = fields.u32();
    OsString directory = fields.string();
    int count = fields.u32();
    Hello hello =
        new Hello(
            ignored,
            blocked,
            flags,
            directory.length() == 0 ? Optional.empty() : Optional.of(directory),
            count,
            fields.strings(),
            fields.strings(),
            fields.u32());
    fields.end();
    return hello;
  }

  /** Tells whether this standard descriptor, 0 to 2, is closed. */
  public boolean isClosed(int descriptor) {
    return (flags >> descriptor & 1) != 0;
  }

  /** Tells whether this standard descriptor, 0 to 2, is a terminal. */
  public boolean isTerminal(int descriptor) {
    return (flags >> (FIRST_TERMINAL + descriptor) & 1) != 0;
  }

  /** Answers the values of its variables. */
  public Map<String, String> variablesByName() {
    Map<String, String> byName = new HashMap<>();
    for (OsString variable : variables) {
      String text = variable.toString();
      int equals = text.indexOf('=');
      if (equals > 0) {
        byName.put(text.substring(0, equals), text.substring(equals + 1));
      }
    }
    return byName;
  }

  /**
   * Tells whether it is in a session of its own, and stays with a command that its caller leaves.
   */
  public boolean hasDetached() {
    return log != 0;
  }

  /** Tells whether its command runs, and the gateway of that has gone. */
  public boolean hasCommand() {
    return (flags >> RUNS & 1) != 0;
  }

  /** Tells whether all its arguments are here. */
  public boolean isWhole() {
    return arguments.size() == argumentCount;
  }
}
