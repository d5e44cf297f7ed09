package dev.guard.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.guard.cgroup.CommandCgroup;
import dev.guard.os.Cgroupfs;
import dev.guard.os.Errno;
import dev.guard.os.ExitSource;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.ProcessId;
import dev.guard.os.Procfs;
import dev.guard.os.WaitStatus;
import dev.guard.os.WaitedChild;
import dev.guard.value.Ending;
import dev.guard.value.Ending.Reason;
import dev.guard.value.Result.Stray;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Shows that a look does no harm to the wait for a command, whose main process has left here. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD, unit = TimeUnit.SECONDS)
class WatchTest {
  private static final int MAIN = 7;
  private static final ProcessId ID = new ProcessId(MAIN, 9);

  @TempDir private Path root;
  private final Os linux = Os.linux();
  private final AtomicInteger kills = new AtomicInteger();
  private CommandCgroup cgroup;
  private Alarm alarm;

  @BeforeEach
  void aMainProcessThatHasLeftItsCgroup() throws IOException {
    Path made = Files.createDirectories(root.resolve("pids/guard/cmd_1"));
    Files.createFile(made.resolve("cgroup.procs"));
    cgroup = CommandCgroup.in(new Cgroupfs(root), List.of(Path.of("/pids/guard/cmd_1")));
    Path process = Files.createDirectories(root.resolve("proc/7/task/7")).getParent().getParent();
    Files.writeString(
        process.resolve("stat"),
        MAIN + " (sudo) S 1 7 7 0 0 4194304 0 0 0 0 0 0 0 0 0 0 1 0 9 0 0\n");
    Files.writeString(process.resolve("cgroup"), "5:pids:/\n");
    Files.writeString(process.resolve("task/7/children"), "");
    Files.writeString(root.resolve("proc/uptime"), "1.00 1.00\n");
    Files.createDirectories(root.resolve("proc/self/task/self"));
    Files.createFile(root.resolve("proc/self/task/self/children"));
  }

  private Watch watch(Watch.Adoptions adoptions) {
    return new Watch(
        os(),
        new Procfs(root.resolve("proc")),
        cgroup,
        ID,
        Optional.empty(),
        adoptions,
        OptionalInt.empty(),
        Optional.empty(),
        true,
        true,
        () -> alarm.ring());
  }

  /** A thread polls a descriptor, as in guard exec, or whoever has news calls, as in a gateway. */
  private enum Way {
    DESCRIPTOR,
    CALLS
  }

  private Ending await(Way way, Watch watch, long millis) throws IOException {
    alarm = way == Way.CALLS ? Alarm.byCall(linux) : Alarm.byDescriptor(linux);
    watch.start();
    OptionalLong deadline = OptionalLong.of(System.nanoTime() + millis * 1_000_000);
    CompletableFuture<Monitor.EndingAnswer> over = new CompletableFuture<>();
    new Monitor(os(), main(way), deadline, alarm, watch).waitAndTell(over::complete);
    assertThat(over.isDone()).as("when it returns").isEqualTo(way == Way.DESCRIPTOR);
    return over.join().ending();
  }

  private ExitSource main(Way way) {
    return new ExitSource() {
      private final WaitedChild child = new WaitedChild(os(), ID, -1, true);

      @Override
      public int pidfd() {
        return child.pidfd();
      }

      @Override
      public boolean whenEnded(Runnable told) {
        return way == Way.CALLS;
      }

      @Override
      public boolean hasEnded() throws OsException {
        return child.hasEnded();
      }

      @Override
      public WaitStatus status() {
        return child.status();
      }
    };
  }

  /** Answers for a main process that runs, and is another user's. */
  private Os os() {
    return (Os)
        Proxy.newProxyInstance(
            Os.class.getClassLoader(),
            new Class<?>[] {Os.class},
            (proxy, method, arguments) -> {
              switch (method.getName()) {
                case "waitNoHang":
                  return null;
                case "pidfd":
                  throw new OsException("pidfd_open", Errno.ENOSYS, "7");
                case "kill":
                  leavesAgain();
                  throw new OsException("kill", Errno.EPERM, "7 with 9");
                default:
                  try {
                    return method.invoke(linux, arguments);
                  } catch (InvocationTargetException e) {
                    throw e.getCause();
                  }
              }
            });
  }

  private void leavesAgain() throws IOException {
    Files.writeString(root.resolve("pids/guard/cmd_1/cgroup.procs"), "");
    if (kills.incrementAndGet() == 3) {
      alarm.ring();
    }
  }

  @ParameterizedTest
  @EnumSource
  void whoBecameAnotherUsersIsNotedOnceAndNoMore(Way way) throws Exception {
    Watch watch = watch(process -> {});
    assertThat(await(way, watch, 20_000).reason())
        .as("by the third look")
        .isEqualTo(Reason.CANCELLED);
    assertThat(watch.strays())
        .containsExactly(new Stray(MAIN, "sudo", "5:pids:/", Stray.Action.OUT_OF_REACH));
  }

  @ParameterizedTest
  @EnumSource
  void aLookThatHangsHoldsUpNoDeadline(Way way) throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    CountDownLatch hangs = new CountDownLatch(1);
    Watch watch =
        watch(
            process -> {
              hangs.countDown();
              try {
                never.await();
              } catch (InterruptedException e) {
                throw new IOException(e);
              }
            });
    assertThat(await(way, watch, 1000).reason()).isEqualTo(Reason.DEADLINE);
    assertThat(hangs.getCount()).isZero();
    never.countDown();
  }

  @ParameterizedTest
  @EnumSource
  void aLookThatFailsEndsTheWait(Way way) {
    Watch watch =
        watch(
            process -> {
              throw new OutOfMemoryError("as for the memory of a call");
            });
    assertThatThrownBy(() -> await(way, watch, 20_000))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("the tree can not be watched")
        .hasCauseInstanceOf(OutOfMemoryError.class);
  }
}
