package dev.guard.reap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.cgroup.CommandCgroup;
import dev.guard.os.Cgroupfs;
import dev.guard.os.MainProcess;
import dev.guard.os.Os;
import dev.guard.os.ProcessId;
import dev.guard.os.Procfs;
import dev.guard.os.Signals;
import dev.guard.os.WaitStatus;
import dev.guard.os.WaitedChild;
import dev.guard.process.Tree;
import dev.guard.testing.Await;
import dev.guard.value.Result.Survivor;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Shows that orphans are stopped by number before anybody asks which processes they are, since some
 * live shorter than the question takes. So nobody may be waited for meanwhile: the number would be
 * another's.
 */
class ReaperOrphansTest {
  private static final int GUARD = 100;
  private static final int LIFELINE = 101;
  private static final int MAIN = 102;
  private static final int ORPHAN = 200;

  @TempDir private Path proc;
  private final List<String> calls = Collections.synchronizedList(new ArrayList<>());
  private MainProcess main;
  private Thread waiter;

  @Test
  void nobodyIsWaitedForWhileOrphansAreStopped() throws Exception {
    process(GUARD, 1);
    process(ORPHAN, GUARD);
    children(LIFELINE + " " + ORPHAN);
    main = new WaitedChild(os(), new ProcessId(MAIN, 7), -1, true);

    List<Survivor> survivors = new Reaper(os(), tree(), main).end(Signals.TERM, Duration.ZERO);

    waiter.join();
    assertThat(survivors).isEmpty();
    assertThat(calls)
        .containsSubsequence("STOP " + ORPHAN, "stopped", "wait " + ORPHAN)
        .contains("KILL " + ORPHAN)
        .doesNotContain("STOP " + LIFELINE);
  }

  private Tree tree() {
    Procfs procfs = new Procfs(proc);
    CommandCgroup none = CommandCgroup.none(Cgroupfs.system(), "");
    return new Tree(
        procfs,
        none,
        new ProcessId(MAIN, 7),
        "none",
        Optional.of(new Tree.Adopter(GUARD, 0, LIFELINE)));
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
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "pid" -> GUARD;
                  case "pidfd" -> arguments[0];
                  case "kill", "signal" -> kill((int) arguments[0], (int) arguments[1]);
                  case "peekEndedChild" -> ended();
                  case "waitNoHang" -> waited((int) arguments[0]);
                  case "close" -> null;
                  default -> throw new AssertionError(method);
                });
  }

  private OptionalInt ended() {
    return calls.contains("wait " + ORPHAN) ? OptionalInt.empty() : OptionalInt.of(ORPHAN);
  }

  private WaitStatus waited(int pid) {
    calls.add("wait " + pid);
    return new WaitStatus(0, 0, 0, 0);
  }

  private boolean kill(int pid, int signal) throws Exception {
    if (pid == ORPHAN && signal == Signals.STOP && waiter == null) {
      calls.add("STOP " + pid);
      waiter = new Thread(this::waitForOrphans, "waiter");
      waiter.start();
      Await.until(
          "the waiter waits, or is through",
          () ->
              waiter.getState() == Thread.State.BLOCKED
                  || waiter.getState() == Thread.State.TERMINATED);
      calls.add("stopped");
    } else if (pid == ORPHAN && signal == Signals.KILL) {
      calls.add("KILL " + pid);
      Files.delete(proc.resolve(pid + "/stat"));
      children(Integer.toString(LIFELINE));
    }
    return true;
  }

  private void waitForOrphans() {
    try {
      main.waitForOrphans();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
