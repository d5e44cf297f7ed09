package dev.guard.cli.exec;

import dev.guard.ExitStatus;
import dev.guard.Layer;
import dev.guard.Outcome;
import dev.guard.config.Effective;
import dev.guard.config.GuardConfig;
import dev.guard.report.ReportWriter;
import dev.guard.value.Result;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Says how a command ended: by messages, the report and the exit of guard. */
public final class ExecOutcome {
  private final Result result;
  private final ExecRequest asked;

  ExecOutcome(Result result, ExecRequest asked) {
    this.result = result;
    this.asked = asked;
  }

  /**
   * Lists what there is to say.
   *
   * @param hasCaller whether somebody is told of limits that are not in force, and the receipt
   */
  List<String> lines(boolean hasCaller) {
    List<String> lines = new ArrayList<>(result.outcome().messages());
    if (hasCaller) {
      lines.addAll(degraded(result.layers(), asked.effective()));
    }
    if (hasCaller && asked.config().messages() == GuardConfig.MessageLevel.ALL) {
      lines.addAll(ReceiptText.lines(result));
    }
    return lines;
  }

  /** Answers the report. */
  byte[] reportBytes() {
    return ReportWriter.toJson(result).getBytes(StandardCharsets.UTF_8);
  }

  /** Answers the exit status of guard. */
  int status() {
    return preservedStatus().orElse(result.exitCode());
  }

  private Optional<Integer> preservedStatus() {
    boolean preserve = asked.preservesStatus() && result.survivors().isEmpty();
    return preserve && result.outcome() instanceof Outcome.Ran ran
        ? ran.status().map(ExitStatus::shellStatus)
        : Optional.empty();
  }

  /**
   * Lists the limits that are not in force: those that somebody asked for, and those that this host
   * gives at other times.
   */
  public static List<String> degraded(List<Layer> receipt, Effective effective) {
    List<String> lines = new ArrayList<>();
    for (Layer layer : receipt) {
      if (layer.state() == Layer.State.DEGRADED && (layer.lost() || isAsked(layer, effective))) {
        lines.add(
            layer.name().text()
                + " limit "
                + layer.limit()
                + " is not in force: "
                + layer.detail());
      }
    }
    return lines;
  }

  private static boolean isAsked(Layer layer, Effective effective) {
    return effective.entries().stream()
        .anyMatch(
            e ->
                !e.where().startsWith("built-in")
                    && e.setting().layer().filter(layer.name()::equals).isPresent());
  }

  /** Tells whether the command has not ended by itself: by a signal, or at a limit of its time. */
  boolean wasEnded() {
    return !(result.outcome() instanceof Outcome.Ran ran
        && !ran.cause().isTimeOver()
        && ran.status().isPresent()
        && ran.status().get().signal() == 0);
  }

  /** Answers the signal that guard is to die of; 0: none, as while something is left alive. */
  int signal() {
    if (!result.survivors().isEmpty()) {
      return 0;
    }
    if (result.outcome() instanceof Outcome.Ran ran
        && ran.status().isPresent()
        && !ran.cause().isTimeOver()) {
      return ran.status().get().signal();
    }
    return result.outcome() instanceof Outcome.CancelledUnrun cancelled ? cancelled.signal() : 0;
  }
}
