package dev.guard.os;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.testing.FakeOs;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Checks the one place where a main process is waited for, and its group signalled. */
class MainProcessTest {
  private static final int MAIN = 50;
  private static final WaitStatus THREE = new WaitStatus(3, 0, 0, 0);

  private final List<String> done = new ArrayList<>();
  private final Deque<Integer> ended = new ArrayDeque<>();
  private final FakeOs os =
      new FakeOs()
          .on("kill", a -> done.add("kill " + a[0] + " " + a[1]))
          .on("waitNoHang", a -> waitFor((int) a[0]));
  private final MainProcess main = new WaitedChild(os.os(), new ProcessId(MAIN, 7), -1, true);

  private WaitStatus waitFor(int pid) {
    if (!ended.remove(pid)) {
      return null;
    }
    done.add("wait " + pid);
    return THREE;
  }

  @Test
  void itsGroupGetsSignalsUntilItWasWaitedFor() throws Exception {
    assertThat(main.signalGroup(Signals.TERM)).isTrue();
    ended.add(MAIN);
    assertThat(main.signalGroup(Signals.TERM)).as("a zombie keeps its number").isTrue();

    assertThat(main.hasEnded()).isTrue();

    assertThat(main.signalGroup(Signals.TERM)).isFalse();
    main.kill();
    assertThat(done).containsExactly("kill -50 15", "kill -50 15", "wait 50");
  }

  @Test
  void whereItLeadsNoGroupItAloneIsSignalled() throws Exception {
    MainProcess alone = new WaitedChild(os.os(), new ProcessId(MAIN, 7), -1, false);
    assertThat(alone.signalGroup(Signals.TERM)).isTrue();
    alone.kill();
    assertThat(done).containsExactly("kill 50 15", "kill 50 9");
  }

  @Test
  void whomSomebodyElseHasWaitedForHasEnded() throws Exception {
    os.on(
        "waitNoHang",
        a -> {
          throw new OsException("wait4 for " + a[0], Errno.ECHILD, "No child processes");
        });

    assertThat(main.hasEnded()).isTrue();

    assertThat(main.status()).isEqualTo(WaitStatus.UNKNOWN);
    assertThat(main.signalGroup(Signals.TERM)).isFalse();
  }
}
