package dev.guard.doctor.machine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.Layer;
import dev.guard.LayerName;
import dev.guard.os.ProcessId;
import dev.guard.process.Member;
import dev.guard.record.CommandRecord;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OutermostCommandTest {
  private static CommandRecord record(String id, String outer, Layer... receipt) {
    return new CommandRecord(
            id,
            Optional.of("name-" + id),
            "default",
            List.of(),
            Optional.empty(),
            false,
            Optional.ofNullable(outer),
            Instant.EPOCH,
            new ProcessId(1, 1),
            Optional.empty(),
            new ProcessId(1, 1),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            Optional.empty())
        .held(
            new Member(id, 7, 8, 0, 0, List.of(Path.of("/sys/fs/cgroup/cmd_" + id))),
            Optional.empty(),
            List.of(receipt));
  }

  @Test
  void aCommandInsideACommandIsBoundedByTheOuterOne() {
    List<CommandRecord> records =
        List.of(record("a", null), record("b", "a"), record("c", "b"), record("d", "gone"));
    assertThat(OutermostCommand.outermost(records))
        .extracting(CommandRecord::id)
        .containsExactly("a", "d");
  }

  @Test
  void whatIsNotInForceIsNoLimit() {
    OutermostCommand guarded =
        OutermostCommand.of(
            record(
                "a",
                null,
                Layer.active(LayerName.OPEN_FILES, 16384, ""),
                Layer.degraded(LayerName.PIDS, 1024, "why"),
                Layer.active(LayerName.MEMORY, 1L << 40, ""),
                Layer.off(LayerName.CPU)),
            Set.of(7));
    assertThat(guarded)
        .isEqualTo(
            new OutermostCommand(
                "name-a",
                OptionalLong.of(16384),
                OptionalLong.empty(),
                OptionalLong.of(1L << 40),
                List.of(Path.of("/sys/fs/cgroup/cmd_a")),
                Set.of(7)));
  }
}
