package dev.guard.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.config.Setting;
import dev.guard.testing.Commands;
import dev.guard.value.CommandInput;
import dev.guard.value.CommandOutput;
import dev.guard.value.Request;
import dev.guard.value.Result;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Where a command's bytes come from and go to. Needs nothing but Linux. */
class OutputIT {
  private static final int MANY = 3_000_000;

  private CommandRunner guard;

  @BeforeEach
  void start() throws Exception {
    guard = CommandRunner.with(Commands.config(Map.of(Setting.TIMEOUT, "20")));
  }

  @AfterEach
  void stop() throws Exception {
    guard.close();
  }

  private static byte[] random(int count) {
    byte[] bytes = new byte[count];
    new Random(42).nextBytes(bytes);
    return bytes;
  }

  private static Request cat() {
    return Request.of("cat")
        .withInput(new CommandInput.Bytes(random(MANY)))
        .withOutput(new CommandOutput.Capture(MANY), new CommandOutput.Inherit());
  }

  @Test
  void bytesGoThroughACommandUnchanged() throws IOException {
    Result result = guard.run(cat());
    assertThat(result.exitCode()).isZero();
    assertThat(result.output().bytes()).isEqualTo(random(MANY));
    assertThat(result.output().dropped()).isZero();
  }

  @Test
  void whatExceedsTheCaptureIsCountedAndDropped() throws IOException {
    Result result =
        guard.run(cat().withOutput(new CommandOutput.Capture(1000), new CommandOutput.Capture(10)));
    assertThat(result.exitCode()).as("it was not stopped by it").isZero();
    assertThat(result.output().bytes()).isEqualTo(random(1000));
    assertThat(result.output().dropped()).isEqualTo(MANY - 1000);
    assertThat(result.error().dropped()).isZero();
  }

  @Test
  void outputAndErrorAreCapturedApart() throws IOException {
    Result result = guard.run(Commands.sh("echo out; echo err >&2"));
    assertThat(result.output().text()).isEqualTo("out\n");
    assertThat(result.error().text()).isEqualTo("err\n");
  }

  @Test
  void aStreamGetsAllBytesAndIsNotClosed() throws IOException {
    AtomicInteger closed = new AtomicInteger();
    ByteArrayOutputStream stream =
        new ByteArrayOutputStream() {
          @Override
          public void close() {
            closed.incrementAndGet();
          }
        };
    Result result =
        guard.run(cat().withOutput(new CommandOutput.Stream(stream), new CommandOutput.Discard()));
    assertThat(stream.toByteArray()).isEqualTo(random(MANY));
    assertThat(closed).hasValue(0);
    assertThat(result.output().bytes()).isEmpty();
  }

  @Test
  void aStreamThatThrowsGetsNoMoreAndTheCommandGoesOn() throws IOException {
    AtomicInteger calls = new AtomicInteger();
    OutputStream broken =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            calls.incrementAndGet();
            throw new IOException("disk full");
          }
        };
    Result result =
        guard.run(cat().withOutput(new CommandOutput.Stream(broken), new CommandOutput.Discard()));
    assertThat(result.exitCode()).isZero();
    assertThat(calls).hasValue(1);
    assertThat(result.output().dropped()).isEqualTo(MANY);
  }

  @Test
  void aStreamThatBlocksHoldsUpNoResult() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    OutputStream blocked =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            try {
              never.await();
            } catch (InterruptedException e) {
              throw new IOException(e);
            }
          }
        };
    Result result =
        guard
            .start(
                Commands.sh("echo hello")
                    .withOutput(new CommandOutput.Stream(blocked), new CommandOutput.Discard()))
            .result()
            .get(40, TimeUnit.SECONDS);
    assertThat(result.exitCode()).isZero();
    assertThat(result.output().dropped()).isEqualTo(6);
    assertThat(result.notes())
        .containsExactly("standard output: its reader did not take it within 5 s");
  }

  @Test
  void aStreamThatThrowsAnUncheckedExceptionIsNoOther() throws IOException {
    OutputStream broken =
        new OutputStream() {
          @Override
          public void write(int b) {
            throw new IllegalStateException("closed");
          }
        };
    Result result =
        guard.run(cat().withOutput(new CommandOutput.Stream(broken), new CommandOutput.Discard()));
    assertThat(result.exitCode()).isZero();
    assertThat(result.output().dropped()).isEqualTo(MANY);
  }

  @Test
  void discardedOutputGoesNowhere() throws IOException {
    Result result =
        guard.run(cat().withOutput(new CommandOutput.Discard(), new CommandOutput.Discard()));
    assertThat(result.exitCode()).isZero();
    assertThat(result.output()).isEqualTo(Result.Captured.NONE);
  }

  @Test
  void aCommandThatDoesNotReadItsInputIsNoError() throws IOException {
    Result result =
        guard.run(Commands.sh("exit 6").withInput(new CommandInput.Bytes(random(MANY))));
    assertThat(result.exitCode()).isEqualTo(6);
  }

  @Test
  void anEmptyInputIsAtItsEnd() throws IOException {
    assertThat(guard.run(Commands.sh("cat; echo end")).output().text()).isEqualTo("end\n");
    Request noBytes = Commands.sh("cat; echo end").withInput(new CommandInput.Bytes(new byte[0]));
    assertThat(guard.run(noBytes).output().text()).isEqualTo("end\n");
  }
}
