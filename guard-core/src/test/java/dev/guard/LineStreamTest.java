package dev.guard;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Shows that lines are handed over as they come, and that the last one holds nobody up. */
@Timeout(30)
class LineStreamTest {
  private static final byte[] TEXT = "one\ntwo".getBytes(StandardCharsets.UTF_8);

  @Test
  void theLastLineNeedsNoNewline() {
    List<String> lines = new ArrayList<>();
    LineStream stream = new LineStream(lines::add, Duration.ofSeconds(20));
    stream.write(TEXT, 0, TEXT.length);
    assertThat(lines).containsExactly("one");
    stream.finish();
    assertThat(lines).containsExactly("one", "two");
  }

  @Test
  void anErrorOfTheReaderOfTheLastLineIsItsOwn() {
    LineStream stream =
        new LineStream(line -> assertThat(line).isEqualTo("one"), Duration.ofSeconds(20));
    stream.write(TEXT, 0, TEXT.length);
    stream.finish();
  }

  @Test
  void whoBlocksOnTheLastLineIsNotWaitedForForEver() {
    CountDownLatch read = new CountDownLatch(1);
    LineStream stream =
        new LineStream(
            line -> {
              if (line.equals("two")) {
                try {
                  read.await();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              }
            },
            Duration.ofMillis(50));
    stream.write(TEXT, 0, TEXT.length);
    stream.finish();
    assertThat(read.getCount()).as("it still waits").isEqualTo(1);
    read.countDown();
  }
}
