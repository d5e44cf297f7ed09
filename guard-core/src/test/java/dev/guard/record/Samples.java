package dev.guard.record;

import dev.guard.Cause;
import dev.guard.Layer;
import dev.guard.LayerName;
import dev.guard.Outcome;
import dev.guard.os.OsString;
import dev.guard.os.ProcessId;
import dev.guard.process.Member;
import dev.guard.report.ReportWriter;
import dev.guard.value.AgentLabels;
import dev.guard.value.Result;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Makes commands as records and results know them. */
final class Samples {
  static final Instant REQUESTED = Instant.parse("2026-11-22T08:00:00.123456789Z");

  private Samples() {}

  /** The id that ends in this number. */
  static String id(int number) {
    return String.format("%016x", number);
  }

  /** The record of a command that is held, with all that a record can have. */
  static CommandRecord record(int number, Optional<String> name, ProcessId guard) {
    String id = id(number);
    return new CommandRecord(
        id,
        name,
        "b",
        List.of(OsString.of("sleep"), OsString.of("1")),
        Optional.of(OsString.of("/tmp")),
        true,
        Optional.of(id(number + 1)),
        REQUESTED.plusSeconds(number),
        guard,
        Optional.of(
            new Member(id, 11, 12, 13, 14, List.of(Path.of("/sys/fs/cgroup/guard/cmd_" + id)))),
        new ProcessId(15, 16),
        Optional.of(REQUESTED.plusSeconds(300)),
        Optional.of(Duration.ofMillis(30_250)),
        List.of(Layer.active(LayerName.PIDS, 32, "cgroup"), Layer.off(LayerName.MEMORY)),
        Optional.of(new CommandRecord.Left(Optional.of(new ProcessId(17, 18)))),
        List.of(new ProcessId(19, 20), new ProcessId(21, 22)),
        23,
        new Monotonic(OptionalLong.of(23), OptionalLong.of(24)),
        true,
        new AgentLabels(Optional.of("codex"), Optional.of("s-1"), Optional.of("call_0")));
  }

  /** The report of a command that has ended so many seconds after the first. */
  static String report(int number) {
    Instant ended = REQUESTED.plusSeconds(number);
    return ReportWriter.toJson(
        new Result(
            id(number),
            Optional.empty(),
            "b",
            AgentLabels.NONE,
            List.of(OsString.of("true")),
            Optional.empty(),
            new Result.Times(REQUESTED, Duration.ZERO, Duration.ZERO, Duration.ZERO, ended),
            new Outcome.Failed(Cause.GUARD_ERROR, List.of("no")),
            List.of(),
            Result.Usage.NONE,
            0,
            0,
            List.of(),
            List.of(),
            List.of(),
            Result.Captured.NONE,
            Result.Captured.NONE));
  }
}
