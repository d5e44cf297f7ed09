package dev.guard.cli.shared;

import dev.guard.command.Grace;
import dev.guard.config.Durations;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/** Reads {@code --grace}, the time between TERM and KILL. */
public final class GraceOption {
  private GraceOption() {}

  /**
   * Answers the time that was asked for.
   *
   * @param text the text given with {@code --grace}; null: the grace of each command, and for one
   *     that has none that of the settings
   * @param refusal makes what is thrown for a text that is no time
   */
  public static Grace read(
      Settings settings, String text, Function<String, RuntimeException> refusal) {
    if (text == null) {
      return new Grace(Optional.empty(), settings.orBuiltIn().killAfter());
    }
    Duration asked =
        Durations.seconds(text)
            .orElseThrow(
                () ->
                    refusal.apply(
                        "--grace: " + text + " is no number of seconds; write e.g. --grace 10"));
    return new Grace(Optional.of(asked), asked);
  }
}
