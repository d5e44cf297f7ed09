package dev.guard.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.AdditionalAnswers.delegatesTo;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.Mockito.doThrow;
import static org.mockito.Mockito.mock;

import dev.guard.os.Errno;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.testing.Await;
import dev.guard.value.CommandOutput;
import dev.guard.value.Result.Captured;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A command never stops on a full pipe because Guard's own side of it is in trouble. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD, unit = TimeUnit.SECONDS)
class DrainTest {
  // More than a pipe holds, which is 64 KiB.
  private static final int MANY = 300_000;

  private final Os os = Os.linux();

  @Test
  void whatThereIsNoMemoryForIsCountedAndDropped() throws Exception {
    int[] pipe = os.pipe();
    ByteArrayOutputStream full =
        new ByteArrayOutputStream() {
          @Override
          public synchronized void write(byte[] bytes, int offset, int length) {
            if (length > 0) {
              throw new OutOfMemoryError("as when it has to grow");
            }
          }
        };
    Drain drain =
        new Drain(os, pipe[0], os.pipe(), new CommandOutput.Capture(MANY), "standard output", full);
    drain.start("drain");

    os.write(pipe[1], new byte[MANY]);
    os.close(pipe[1]);

    Captured captured = drain.finish();
    assertThat(captured.bytes()).isEmpty();
    assertThat(captured.dropped()).isEqualTo(MANY);
    assertThat(drain.problem())
        .isEqualTo("standard output: there was no memory to keep more than 0 bytes");
    drain.close();
  }

  /** A leftover has the pipe open, so that it has no end. */
  @Test
  void whatCameBeforeTheStopIsTaken() throws Exception {
    int[] pipe = os.pipe();
    CountDownLatch reads = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    ByteArrayOutputStream taken =
        new ByteArrayOutputStream() {
          @Override
          public synchronized void write(byte[] bytes, int offset, int length) {
            reads.countDown();
            try {
              goOn.await();
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
            super.write(bytes, offset, length);
          }
        };
    Drain drain = new Drain(os, pipe[0], os.pipe(), new CommandOutput.Stream(taken), "the output");
    drain.start("drain");
    os.write(pipe[1], new byte[] {'a'});
    reads.await();
    os.write(pipe[1], new byte[] {'b'});
    CompletableFuture<Captured> finished = new CompletableFuture<>();
    Thread finishes =
        new Thread(
            () -> {
              try {
                finished.complete(drain.finish());
              } catch (IOException e) {
                finished.completeExceptionally(e);
              }
            });
    finishes.start();
    Await.until("it is told to stop", () -> finishes.getState() == Thread.State.TIMED_WAITING);

    goOn.countDown();

    assertThat(finished.get().dropped()).isZero();
    assertThat(taken.toByteArray()).containsExactly('a', 'b');
    drain.close();
    os.close(pipe[1]);
  }

  @Test
  void aReaderThatDiesOfAnErrorClosesThePipe() throws Exception {
    int[] pipe = os.pipe();
    Drain drain =
        new Drain(
            readsOnlyErrors(), pipe[0], os.pipe(), new CommandOutput.Capture(MANY), "the output");
    drain.start("drain");

    assertThatThrownBy(() -> os.write(pipe[1], new byte[MANY]))
        .isInstanceOfSatisfying(
            OsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EPIPE));

    assertThatThrownBy(drain::finish).hasMessageContaining("the output could not be read");
    drain.close();
    os.close(pipe[1]);
  }

  private Os readsOnlyErrors() throws OsException {
    Os broken = mock(Os.class, delegatesTo(os));
    doThrow(new OutOfMemoryError("as for the memory of a call")).when(broken).read(anyInt(), any());
    return broken;
  }
}
