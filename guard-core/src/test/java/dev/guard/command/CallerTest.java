package dev.guard.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.os.Errno;
import dev.guard.os.Kernel;
import dev.guard.os.OsException;
import dev.guard.os.OsString;
import dev.guard.os.ProcessId;
import dev.guard.os.Procfs;
import dev.guard.testing.FakeOs;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Shows which process calls Guard, and when it has gone. */
class CallerTest {
  private static final int SELF = (int) ProcessHandle.current().pid();

  private final FakeOs system = new FakeOs().on("pid", a -> SELF).on("userId", a -> 1000);

  private Kernel kernel() {
    return new Kernel(system.os(), Procfs.system(), null);
  }

  private static Caller of(int process, Map<String, String> environment) {
    ProcessId guard = new ProcessId(SELF, 70);
    return new Caller(new ProcessId(process, 60), guard, 1000, Optional.empty(), environment);
  }

  @Test
  void aProgramIsItsOwnCallerAndNeverGoneForItself() throws Exception {
    system.on("workingDirectory", a -> OsString.of("/somewhere"));
    Caller caller = Caller.ofProgram(kernel());
    assertThat(caller.process()).isEqualTo(ProcessId.of(SELF, Procfs.system()));
    assertThat(caller.guard()).isEqualTo(caller.process());
    assertThat(caller.directory()).contains(OsString.of("/somewhere"));
    assertThat(caller.hasGuardForItself()).isFalse();
    assertThat(caller.hasGone(Procfs.system())).isFalse();
  }

  @Test
  void aCallerHasGoneOnceItsGuardHasAnotherParent() throws Exception {
    int parent = (int) ProcessHandle.current().parent().orElseThrow().pid();
    assertThat(of(parent, Map.of()).hasGuardForItself()).isTrue();
    assertThat(of(parent, Map.of()).hasGone(Procfs.system())).isFalse();
    assertThat(of(Integer.MAX_VALUE, Map.of()).hasGone(Procfs.system())).isTrue();
  }

  @Test
  void aDirectoryThatWasRemovedIsNone() throws Exception {
    system.on(
        "workingDirectory",
        a -> {
          throw new OsException("getcwd", Errno.ENOENT, "no such directory");
        });
    assertThat(Caller.ofProgram(kernel()).directory()).isEmpty();
  }

  @Test
  void aVariableThatIsNoIdNamesNoCommand() {
    assertThat(of(6, Map.of("GUARD_ID", "0123456789abcdef")).inheritedCommand())
        .contains("0123456789abcdef");
    assertThat(of(6, Map.of("GUARD_ID", "../elsewhere")).inheritedCommand()).isEmpty();
    assertThat(of(6, Map.of()).inheritedCommand()).isEmpty();
  }
}
