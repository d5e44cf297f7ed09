package dev.guard.exec.reap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.config.GuardConfig;
import dev.guard.exec.limits.CommandCgroup;
import dev.guard.exec.limits.Limiter;
import dev.guard.os.Cgroupfs;
import dev.guard.os.Os;
import dev.guard.os.Procfs;
import dev.guard.os.Signals;
import dev.guard.testing.Commands;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Orphans are stopped first and asked second, since some live shorter than the question takes. */
class ReaperOrphansTest {
  private static final int GUARD = 100;
  private static final int LIFELINE = 101;
  private static final int MAIN = 102;
  private static final int ORPHAN = 200;
  private static final int NUMBER_REUSED = 201;

  @TempDir private Path proc;
  private final List<String> signals = new ArrayList<>();

  @Test
  void whoTurnsOutToBeAnotherIsContinuedAndNotKilled() throws Exception {
    process(GUARD, 1);
    process(ORPHAN, GUARD);
    process(NUMBER_REUSED, 1);
    children(LIFELINE + " " + ORPHAN + " " + NUMBER_REUSED);

    Reaper.Ended ended = new Reaper(os()).end(tree(), Duration.ZERO, true);

    assertThat(ended.survivors()).isEmpty();
    assertThat(signals)
        .startsWith("STOP " + ORPHAN, "STOP " + NUMBER_REUSED, "CONT " + NUMBER_REUSED)
        .contains("KILL " + ORPHAN)
        .doesNotContain("KILL " + NUMBER_REUSED, "STOP " + LIFELINE);
  }

  private Tree tree() throws Exception {
    GuardConfig config = Commands.config(Map.of());
    Procfs procfs = new Procfs(proc);
    CommandCgroup none =
        Limiter.on(Os.linux(), procfs, Cgroupfs.system(), config, "none", true).create("none");
    return new Tree(
        procfs, none, MAIN, 7, "none", Optional.of(new Tree.Adopter(GUARD, 0, LIFELINE)));
  }

  private void process(int pid, int parent) throws IOException {
    Path directory = Files.createDirectories(proc.resolve(Integer.toString(pid)));
    String stat = pid + " (x) S " + parent + " 1 1 0 0 0 0 0 0 0 0 0 0 0 0 0 1 0 9 0 0\n";
    Files.writeString(directory.resolve("stat"), stat);
  }

  private void children(String pids) throws IOException {
    for (String process : List.of("self", Integer.toString(GUARD))) {
      Path task = Files.createDirectories(proc.resolve(process + "/task/" + GUARD));
      Files.writeString(task.resolve("children"), pids);
    }
  }

  private Os os() {
    return (Os)
        Proxy.newProxyInstance(
            Os.class.getClassLoader(),
            new Class<?>[] {Os.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("pid")) {
                return GUARD;
              }
              assertThat(method.getName()).isEqualTo("kill");
              return kill((int) arguments[0], (int) arguments[1]);
            });
  }

  private boolean kill(int pid, int signal) throws IOException {
    String name = signal == Signals.STOP ? "STOP" : signal == Signals.CONT ? "CONT" : "KILL";
    signals.add(name + " " + pid);
    if (signal == Signals.KILL) {
      Files.delete(proc.resolve(pid + "/stat"));
      children(Integer.toString(LIFELINE));
    }
    return true;
  }
}
