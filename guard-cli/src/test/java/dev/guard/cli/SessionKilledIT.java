package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Kills {@code guard session start} at one of its steps, see {@link KillAtStep}. */
@ExtendWith(NothingLeft.class)
@Needs({"tmux", "cc", "unshare", "mount"})
class SessionKilledIT {
  // Each with -Dsession-killed.stride=1.
  private static final int STRIDE = Integer.getInteger("session-killed.stride", 7);

  @TempDir private Path directory;

  @Test
  void whateverItLeavesCanBeStoppedAndStartedAgain() {
    KillAtStep killer = new KillAtStep(directory);
    boolean killed = true;
    for (int step = 1; killed; step += STRIDE) {
      OwnStore store = OwnStore.in(directory.resolve(Integer.toString(step)));
      String[] words =
          killer.words(store.directory().resolve("report"), step, KillAtStep.ANY_GUARD);
      store.on(start(), words).run();
      killed = store.text("report").contains("\nkilled");
      check("step " + step, store);
    }
  }

  private static GuardProcess start() {
    return SessionCalls.starting("s", "--", "sleep", "300");
  }

  private static void check(String when, OwnStore store) {
    Finished stop = store.on(GuardProcess.of("session", "stop", "--grace=0", "s")).run();
    assertThat(stop.exit()).as("%s: %s", when, stop.errors()).isIn(0, 125);
    NothingLeft.awaitNoProcess();
    assertThat(ofSessions(store)).as(when).isEmpty();
    SessionCalls.id(store.on(start()).run());
    stop = store.on(GuardProcess.of("session", "stop", "--grace=0", "s")).run();
    assertThat(stop.exit()).as("%s: %s", when, stop.errors()).isZero();
    NothingLeft.awaitNoProcess();
    assertThat(ofSessions(store)).as("%s, at the end", when).isEmpty();
  }

  private static List<String> ofSessions(OwnStore store) {
    return store.files().stream().filter(f -> f.startsWith("guard/sessions/")).toList();
  }
}
