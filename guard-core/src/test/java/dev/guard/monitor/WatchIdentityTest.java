package dev.guard.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.cgroup.CommandCgroup;
import dev.guard.os.Cgroupfs;
import dev.guard.os.ProcessId;
import dev.guard.os.Procfs;
import dev.guard.testing.Await;
import dev.guard.testing.FakeOs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Shows which process is taken for a stray: one second after boot, as files. */
class WatchIdentityTest {
  private static final int MAIN = 10;
  private static final int OUTSIDE = 11;

  @TempDir private Path root;
  private final List<String> done = Collections.synchronizedList(new ArrayList<>());
  private final FakeOs os =
      new FakeOs()
          .on("pidfd", a -> a[0])
          .on("close", a -> null)
          .on("signal", a -> done.add("signal " + a[1] + " to " + a[0]));

  @BeforeEach
  void host() throws IOException {
    write("proc/uptime", "1.00 1.00\n");
    Files.createSymbolicLink(root.resolve("proc/self"), Path.of(Integer.toString(MAIN)));
    process(MAIN, 1, 50, "/guard/cmd_1");
    write("proc/10/task/10/children", "11 ");
    write("guard/cmd_1/cgroup.procs", "10\n");
  }

  private void process(int pid, int parent, int start, String cgroup) throws IOException {
    write("proc/" + pid + "/task/" + pid + "/children", "");
    String rest = " 0 0 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 " + start + " 0 0\n";
    write("proc/" + pid + "/stat", pid + " (x) S " + parent + rest);
    write("proc/" + pid + "/cgroup", "5:pids:" + cgroup + "\n");
  }

  private void write(String file, String text) throws IOException {
    Path path = root.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  private void look() throws Exception {
    CommandCgroup cgroup = CommandCgroup.in(new Cgroupfs(root), List.of(Path.of("/guard/cmd_1")));
    CountDownLatch looked = new CountDownLatch(1);
    Watch.Adoptions adoptions =
        new Watch.Adoptions() {
          @Override
          public void adopted(ProcessId process) {
            done.add("told of " + process);
          }

          @Override
          public void looked() {
            looked.countDown();
          }
        };
    Watch watch =
        new Watch(
            os.os(),
            new Procfs(root.resolve("proc")),
            cgroup,
            new ProcessId(MAIN, 50),
            Optional.empty(),
            adoptions,
            OptionalInt.empty(),
            Optional.empty(),
            true,
            false,
            () -> {});
    watch.start();
    Await.until("it has looked", () -> looked.getCount() == 0);
    watch.stop();
    assertThat(watch.seen()).isEmpty();
  }

  @Test
  void oneThatHasLeftIsKilled() throws Exception {
    process(OUTSIDE, MAIN, 60, "/");
    look();
    assertThat(done)
        .containsExactly("told of " + new ProcessId(OUTSIDE, 60), "signal 9 to " + OUTSIDE);
  }

  @Test
  void whoeverGotItsNumberMeanwhileIsLeftAlone() throws Exception {
    process(OUTSIDE, 1, 100, "/");
    look();
    assertThat(done).isEmpty();
  }
}
