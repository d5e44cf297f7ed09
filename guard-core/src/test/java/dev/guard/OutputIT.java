package dev.guard;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Shows where a command's bytes come from and go to. Needs nothing but Linux. */
class OutputIT {
  private static final int MANY = 3_000_000;

  private Guard guard;

  @BeforeEach
  void start() throws Exception {
    guard = Guard.with(LibraryRequests.LIMITS.timeout(Duration.ofSeconds(20)));
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

  private static CommandRequest cat() {
    return CommandRequest.of("cat")
        .input(Input.bytes(random(MANY)))
        .output(Output.capture(MANY))
        .error(Output.inherit());
  }

  @Test
  void bytesGoThroughACommandUnchanged() throws Exception {
    CommandResult result = guard.run(cat());
    assertThat(result.exitCode()).isZero();
    assertThat(result.output().bytes()).isEqualTo(random(MANY));
    assertThat(result.output().dropped()).isZero();
  }

  @Test
  void whatExceedsTheCaptureIsCountedAndDropped() throws Exception {
    CommandResult result = guard.run(cat().output(Output.capture(1000)).error(Output.capture(10)));
    assertThat(result.exitCode()).as("it was not stopped by it").isZero();
    assertThat(result.output().bytes()).isEqualTo(random(1000));
    assertThat(result.output().dropped()).isEqualTo(MANY - 1000);
    assertThat(result.error().dropped()).isZero();
  }

  @Test
  void outputAndErrorAreCapturedApart() throws Exception {
    CommandResult result = guard.run(LibraryRequests.sh("echo out; echo err >&2"));
    assertThat(result.output().text()).isEqualTo("out\n");
    assertThat(result.error().text()).isEqualTo("err\n");
  }

  @Test
  void aStreamGetsAllBytesAndIsNotClosed() throws Exception {
    AtomicInteger closed = new AtomicInteger();
    ByteArrayOutputStream stream =
        new ByteArrayOutputStream() {
          @Override
          public void close() {
            closed.incrementAndGet();
          }
        };
    CommandResult result = guard.run(cat().output(Output.stream(stream)).error(Output.discard()));
    assertThat(stream.toByteArray()).isEqualTo(random(MANY));
    assertThat(closed).hasValue(0);
    assertThat(result.output().bytes()).isEmpty();
  }

  @Test
  void aStreamThatThrowsGetsNoMoreAndTheCommandGoesOn() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    OutputStream broken =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            calls.incrementAndGet();
            throw new IOException("disk full");
          }
        };
    CommandResult result = guard.run(cat().output(Output.stream(broken)).error(Output.discard()));
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
    CommandRequest request =
        LibraryRequests.sh("echo hello").output(Output.stream(blocked)).error(Output.discard());
    CommandResult result;
    try {
      result = guard.start(request).result().get(40, TimeUnit.SECONDS);
    } finally {
      never.countDown();
    }
    assertThat(result.exitCode()).isZero();
    assertThat(result.output().dropped()).isEqualTo(6);
    assertThat(result.notes())
        .containsExactly("standard output: its reader did not take it within 5 s");
  }

  @Test
  void aStreamThatThrowsAnUncheckedExceptionIsNoOther() throws Exception {
    OutputStream broken =
        new OutputStream() {
          @Override
          public void write(int b) {
            throw new IllegalStateException("closed");
          }
        };
    CommandResult result = guard.run(cat().output(Output.stream(broken)).error(Output.discard()));
    assertThat(result.exitCode()).isZero();
    assertThat(result.output().dropped()).isEqualTo(MANY);
  }

  @Test
  void discardedOutputGoesNowhere() throws Exception {
    CommandResult result = guard.run(cat().output(Output.discard()).error(Output.discard()));
    assertThat(result.exitCode()).isZero();
    assertThat(result.output().bytes()).isEmpty();
    assertThat(result.output().dropped()).isZero();
  }

  @Test
  void aCommandThatDoesNotReadItsInputIsNoError() throws Exception {
    CommandResult result = guard.run(LibraryRequests.sh("exit 6").input(Input.bytes(random(MANY))));
    assertThat(result.exitCode()).isEqualTo(6);
  }

  @Test
  void anEmptyInputIsAtItsEnd() throws Exception {
    CommandResult none = guard.run(LibraryRequests.sh("cat; echo end"));
    assertThat(none.output().text()).isEqualTo("end\n");
    assertThat(none.error().text()).as("it is open").isEmpty();
    CommandRequest noBytes = LibraryRequests.sh("cat; echo end").input(Input.bytes(new byte[0]));
    assertThat(guard.run(noBytes).output().text()).isEqualTo("end\n");
  }

  @Test
  void linesComeOneByOneAndTheLastWithoutANewlineToo() throws Exception {
    List<String> lines = new ArrayList<>();
    CommandRequest request =
        CommandRequest.of("printf", "one\\n\\ntwo \\303\\244\\nrest")
            .output(Output.lines(lines::add));
    assertThat(guard.run(request).exitCode()).isZero();
    assertThat(lines).containsExactly("one", "", "two \u00e4", "rest");
  }

  @Test
  void outputsThatShareAConsumerDoNotShareALine() throws Exception {
    List<String> lines = new ArrayList<>();
    Output shared = Output.lines(lines::add);
    CommandRequest request = LibraryRequests.sh("printf out; printf err >&2");
    assertThat(guard.run(request.output(shared).error(shared)).exitCode()).isZero();
    assertThat(lines).containsExactly("out", "err");
  }

  @Test
  void aConsumerThatThrowsGetsNoMoreAndTheCommandGoesOn() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    CommandResult result =
        guard.run(
            LibraryRequests.sh("echo one; echo two; exit 4")
                .output(
                    Output.lines(
                        line -> {
                          calls.incrementAndGet();
                          throw new IllegalStateException(line);
                        })));
    assertThat(result.exitCode()).isEqualTo(4);
    assertThat(result.output().dropped()).isEqualTo(8);
    assertThat(calls).hasValue(1);
  }

  @Test
  void aLongLineComesInPieces() throws Exception {
    List<Integer> lengths = new ArrayList<>();
    CommandRequest zeros =
        CommandRequest.of("head", "-c", "1500000", "/dev/zero")
            .output(Output.lines(line -> lengths.add(line.length())));
    assertThat(guard.run(zeros).exitCode()).isZero();
    assertThat(lengths).containsExactly(1 << 20, 1_500_000 - (1 << 20));
  }

  @Test
  void filesAreReadWrittenAndAppendedTo(@TempDir Path directory) throws Exception {
    Path from = Files.writeString(directory.resolve("from"), "text\n");
    Path to = Files.writeString(directory.resolve("to"), "before, and longer\n");
    CommandRequest copy = LibraryRequests.sh("cat; echo err >&2").input(Input.file(from));
    guard.run(copy.output(Output.file(to)));
    guard.run(copy.output(Output.append(to)).error(Output.append(to)));
    assertThat(to).hasContent("text\ntext\nerr\n");
  }

  @Test
  void aFileThatCanNotBeOpenedIsAFailureThatNamesIt(@TempDir Path directory) throws Exception {
    Path missing = directory.resolve("missing");
    CommandResult result = guard.run(LibraryRequests.sh("exit 0").input(Input.file(missing)));
    assertThat(result.cause()).isEqualTo(Cause.GUARD_ERROR);
    assertThat(result.messages()).singleElement().asString().contains(missing.toString());
  }
}
