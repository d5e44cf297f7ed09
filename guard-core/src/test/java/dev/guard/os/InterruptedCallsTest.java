package dev.guard.os;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.testing.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A call that waits in the kernel answers what was asked, however often a signal interrupts it. The
 * signals go to the very thread that waits, and their handler does not have calls restarted.
 */
class InterruptedCallsTest {
  private static final int WINCH = 28;
  private static final int SYS_TGKILL = 234;
  private static final int TIMES = 5;
  private static final long PATIENCE_SECONDS = 30;
  private static final Libc SYSCALL = new Libc("syscall");
  private static final Os OS = Os.linux();

  @TempDir private Path directory;

  @BeforeAll
  static void handleTheSignal() throws OsException {
    // Any function that may run in a handler, and does nothing, is one.
    long handler = new Libc("getppid").address();
    assertThat(new Libc("signal").callLong(WINCH, handler)).isNotEqualTo(-1);
    assertThat(new Libc("siginterrupt").call(WINCH, 1)).isZero();
  }

  @AfterAll
  static void handleItNoMore() throws OsException {
    OS.setSignal(WINCH, SignalCalls.Disposition.DEFAULT);
  }

  /** Interrupts a call again and again, then lets it come to its end, and answers its answer. */
  private static <T> T interrupted(Callable<T> call, Callable<?> end) throws Exception {
    CompletableFuture<Integer> thread = new CompletableFuture<>();
    FutureTask<T> task =
        new FutureTask<>(
            () -> {
              thread.complete(OS.threadId());
              return call.call();
            });
    Thread waiting = new Thread(task, "interrupted");
    waiting.setDaemon(true);
    waiting.start();
    int id = thread.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    for (int i = 0; i < TIMES; i++) {
      Path state = Path.of("/proc/self/task/" + id + "/stat");
      Await.until(
          "it waits, or is over",
          () -> task.isDone() || Files.readString(state).matches("(?s).*[)] S .*"));
      if (SYSCALL.call(SYS_TGKILL, OS.pid(), id, WINCH) == 0) {
        Await.until("it was interrupted", () -> task.isDone() || !isPending(id));
      }
    }
    if (!task.isDone()) {
      end.call();
    }
    return task.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  private static boolean isPending(int thread) throws IOException {
    Path status = Path.of("/proc/self/task/" + thread + "/status");
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("SigPnd:"))
        .anyMatch(
            line ->
                (Long.parseUnsignedLong(line.substring(8).strip(), 16) >> (WINCH - 1) & 1) != 0);
  }

  private static Callable<Void> writes(int descriptor) {
    return () -> {
      OS.write(descriptor, new byte[] {1});
      return null;
    };
  }

  @Test
  void pollForEver() throws Exception {
    int[] pipe = OS.pipe();
    assertThat(interrupted(() -> OS.poll(new int[] {pipe[0]}, -1), writes(pipe[1])))
        .containsExactly(true);
  }

  @Test
  void pollForATime() throws Exception {
    long before = System.nanoTime();
    int[] pipe = OS.pipe();
    assertThat(interrupted(() -> OS.poll(new int[] {pipe[0]}, 700), () -> null))
        .containsExactly(false);
    assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThan(Duration.ofMillis(699));
  }

  @Test
  void read() throws Exception {
    int[] pipe = OS.pipe();
    assertThat(interrupted(() -> OS.read(pipe[0], new byte[8]), writes(pipe[1]))).isEqualTo(1);
  }

  @Test
  void write() throws Exception {
    int[] pipe = OS.pipe();
    byte[] more = new byte[200_000];
    int[] taken = new int[1];
    Callable<Void> takesAll =
        () -> {
          while (taken[0] < more.length) {
            taken[0] += OS.read(pipe[0], new byte[65_536]);
          }
          return null;
        };
    interrupted(
        () -> {
          OS.write(pipe[1], more);
          return null;
        },
        takesAll);
    assertThat(taken[0]).isEqualTo(more.length);
  }

  @Test
  void open() throws Exception {
    OsString fifo = OsString.of(directory.resolve("fifo").toString());
    OS.makeFifo(fifo);
    int descriptor =
        interrupted(
            () -> OS.open(fifo, DescriptorCalls.Open.READ, 0),
            () -> OS.open(fifo, DescriptorCalls.Open.WRITE, 0));
    assertThat(descriptor).isPositive();
  }
}
