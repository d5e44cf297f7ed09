package dev.guard.cli.exec;

import dev.guard.ExitStatus;
import dev.guard.Layer;
import dev.guard.Outcome;
import dev.guard.cli.shared.ExitCode;
import dev.guard.cli.shared.Messages;
import dev.guard.cli.terminal.SignalLoop;
import dev.guard.config.Effective;
import dev.guard.config.GuardConfig;
import dev.guard.os.Os;
import dev.guard.os.OsString;
import dev.guard.os.SignalCalls;
import dev.guard.os.Signals;
import dev.guard.report.ReportWriter;
import dev.guard.value.Result;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Tells the caller how a command ended: by messages, the report and the exit of guard. */
public final class ExecOutcome {
  private final Os os;
  private final Result result;
  private final ExecRequest asked;

  ExecOutcome(Os os, Result result, ExecRequest asked) {
    this.os = os;
    this.result = result;
    this.asked = asked;
  }

  /** Says what there is to say, writes the report, and answers the exit status. */
  int tell(Optional<ReportFile> report) {
    lines(!DetachedGuard.isThis()).forEach(Messages::print);
    if (report.isPresent()) {
      try {
        report.get().write(reportBytes());
      } catch (IOException e) {
        OsString to = asked.arguments().value(ExecOption.REPORT).orElseThrow();
        Messages.print("--report: " + to + ": " + e.getMessage());
        return ExitCode.GUARD_ERROR;
      }
    }
    return status();
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

  /** Dies of the signal that ended the command, as timeout(1) does: a shell's loop stops then. */
  void dieOfSignal(SignalLoop signals) throws IOException {
    int signal = signal();
    if (signal == 0 && result.survivors().isEmpty()) {
      signal = signals.late();
    }
    if (signal == 0) {
      return;
    }
    os.disableCoreDumps();
    if (signal != Signals.KILL && signal != Signals.STOP && !isReservedByC(signal)) {
      os.setSignal(signal, SignalCalls.Disposition.DEFAULT);
      os.kill(signals.wasTyped(signal) ? -os.processGroup(0) : os.pid(), signal);
      // Another thread may take the signal; if it is blocked everywhere, the exit status says it.
      os.poll(new int[0], 1000);
    } else if (signal == Signals.KILL) {
      os.kill(os.pid(), signal);
    }
  }

  private static boolean isReservedByC(int signal) {
    return signal == 32 || signal == 33;
  }
}
