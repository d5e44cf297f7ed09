package dev.guard.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.monitor.Alarm;
import dev.guard.os.MainProcess;
import dev.guard.os.ProcessId;
import dev.guard.os.Signals;
import dev.guard.os.WaitStatus;
import dev.guard.os.WaitedChild;
import dev.guard.testing.FakeOs;
import dev.guard.value.Request;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Shows which processes a command's caller signals and waits for. */
class CommandHandleTest {
  private static final WaitStatus ENDED = new WaitStatus(0, 0, 0, 0);

  private final List<String> done = new ArrayList<>();
  private final Deque<Integer> ended = new ArrayDeque<>();
  private final FakeOs os =
      new FakeOs()
          .on("pipe", a -> new int[] {8, 9})
          .on("kill", a -> done.add("kill " + a[0]))
          .on("waitNoHang", a -> done.add("wait " + a[0]) && ended.remove(a[0]) ? ENDED : null);
  private final MainProcess script = new WaitedChild(os.os(), new ProcessId(50, 7), -1, true);

  @Test
  void aSignalAfterTheMainProcessWasWaitedForGoesToNobody() throws Exception {
    CommandHandle command =
        new CommandHandle("c0ffee", Request.of("script"), Alarm.byDescriptor(os.os()));
    assertThat(command.runsAs(script)).isTrue();
    command.signal(Signals.TERM);
    ended.add(50);
    assertThat(script.hasEnded()).isTrue();

    command.signal(Signals.TERM);
    assertThat(done).containsExactly("kill -50", "wait 50");
  }
}
