package dev.guard;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.Optional;

/**
 * Describes in one line of the receipt what a protection really was for a command.
 *
 * @param name the name of the protection
 * @param state whether the protection was in force
 * @param limit the limit as the kernel or Guard had it, or the one that was asked for; empty when
 *     it has none
 * @param detail what was read back, or why it was not in force and what to do
 * @param lost whether this host could have given the layer, and a service manager did not do so in
 *     time
 */
public record Layer(LayerName name, State state, String limit, String detail, boolean lost) {
  /** Makes a layer that was not lost. */
  public Layer(LayerName name, State state, String limit, String detail) {
    this(name, state, limit, detail, false);
  }

  /** Tells whether a layer was in force. */
  public enum State {
    /** The layer was in force, and was read back. */
    ACTIVE,
    /** The layer was asked for, but was not or only partly in force. */
    DEGRADED,
    /** The layer was not asked for. */
    OFF;

    /** Answers the state's name in reports. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Makes a layer that is in force. */
  public static Layer active(LayerName name, Object limit, String detail) {
    return new Layer(name, State.ACTIVE, String.valueOf(limit), detail);
  }

  /** Makes a layer that was asked for and is not wholly in force. */
  public static Layer degraded(LayerName name, Object limit, String detail) {
    return new Layer(name, State.DEGRADED, String.valueOf(limit), detail);
  }

  /** Makes a layer that was turned off. */
  public static Layer off(LayerName name) {
    return new Layer(name, State.OFF, "", "turned off in the settings");
  }

  /**
   * Answers the limit as a number with its unit; empty when the layer has no limit, as one that is
   * off.
   */
  public Optional<LimitValue> value() {
    return limit.isEmpty()
        ? Optional.empty()
        : name.unit().map(unit -> new LimitValue(new BigDecimal(limit), unit));
  }

  /** Answers the layer with another detail. */
  public Layer withDetail(String text) {
    return new Layer(name, state, limit, text, lost);
  }

  /** Marks the layer as one that a service manager would have made room for, had it had time. */
  public Layer lostThisTime() {
    return new Layer(name, state, limit, detail, true);
  }
}
