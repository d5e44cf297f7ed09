package dev.guard.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.Cause;
import dev.guard.config.ConfigException;
import dev.guard.config.GuardConfig;
import dev.guard.config.Setting;
import dev.guard.report.Recorder.Leftover;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Checks the lines that say how Guard has acted on a command. */
class OutcomeLinesTest {
  private static OutcomeLines with(Setting limit, String value) throws ConfigException {
    return new OutcomeLines(GuardConfig.defaultsWith(Map.of(limit, value)));
  }

  @Test
  void theTimeout() {
    assertThat(
            new OutcomeLines(GuardConfig.defaults()).end(Cause.TIMEOUT, true, OptionalLong.empty()))
        .hasValue(
            "ended at its timeout of 300 s (built-in; raise it with --timeout or GUARD_TIMEOUT)");
  }

  @Test
  void memory() throws ConfigException {
    OutcomeLines lines = with(Setting.MEMORY_MAX, "64M");
    assertThat(lines.end(Cause.MEMORY, true, OptionalLong.empty()))
        .hasValue("ended at its memory limit of 64M (--memory-max; raise it there)");
    assertThat(lines.end(Cause.MEMORY, false, OptionalLong.empty()))
        .hasValue(
            "the kernel killed a process of the command at its memory limit of 64M (--memory-max;"
                + " raise it there)");
    assertThat(with(Setting.MEMORY_MAX, "1500").end(Cause.MEMORY, true, OptionalLong.empty()))
        .hasValue("ended at its memory limit of 1500 bytes (--memory-max; raise it there)");
  }

  @Test
  void tasks() throws ConfigException {
    OutcomeLines lines = with(Setting.PIDS_MAX, "16");
    assertThat(lines.end(Cause.PIDS, true, OptionalLong.empty()))
        .hasValue("ended, it had more than its limit of 16 tasks (--pids-max; raise it there)");
    assertThat(lines.end(Cause.PIDS, false, OptionalLong.of(4)))
        .hasValue(
            "failed at its limit of 16 tasks, the kernel refused it 4 forks (--pids-max; raise it"
                + " there)");
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"TIMEOUT", "MEMORY", "PIDS"})
  void whatSpeaksForItself(Cause cause) {
    assertThat(new OutcomeLines(GuardConfig.defaults()).end(cause, true, OptionalLong.empty()))
        .isEmpty();
  }

  @Test
  void leftovers() {
    OutcomeLines lines = new OutcomeLines(GuardConfig.defaults());
    assertThat(lines.leftovers(List.of())).isEmpty();
    assertThat(lines.leftovers(List.of(new Leftover(4711, "node"))))
        .hasValue(
            "ended 1 process that was left running: node (pid 4711); to keep one, start it with:"
                + " guard exec --detach --name NAME -- ...");
    List<Leftover> seven =
        IntStream.rangeClosed(1, 7).mapToObj(i -> new Leftover(i, "a\nb")).toList();
    assertThat(lines.leftovers(seven).orElseThrow())
        .startsWith("ended 7 processes that were left running: a?b (pid 1), a?b (pid 2)")
        .contains("a?b (pid 5) and 2 more; to keep one");
  }

  @Test
  void theModelOfAnAgentIsToldWhatItCanDo() throws Exception {
    OutcomeLines lines = with(Setting.PROFILE, "agent");
    assertThat(lines.leftovers(List.of(new Leftover(4711, "node"))).orElseThrow())
        .endsWith("; a process lives as long as the command that starts it, so wait for it there");
    assertThat(lines.end(Cause.TIMEOUT, true, OptionalLong.empty()))
        .hasValue(
            "ended at its timeout of 7200 s (built-in, profile agent; raise it with"
                + " timeout_seconds in [profiles.agent.limits] of a settings file)");
  }
}
