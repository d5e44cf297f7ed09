package dev.guard.launch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.os.DescriptorCalls;
import dev.guard.os.Os;
import dev.guard.os.OsString;
import dev.guard.testing.Await;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Shows the pipe of a lifeline that does not read, as when somebody has stopped it. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD, unit = TimeUnit.SECONDS)
class LifelinePipeTest {
  // More lines than a pipe of 64 KiB takes.
  private static final int MANY = 5000;
  private static final String ID = "00000000000000f2";

  private final Os os = Os.linux();
  private int readingEnd;
  private LifelinePipe pipe;

  @BeforeEach
  void open() throws Exception {
    int[] ends = os.pipe();
    readingEnd = ends[0];
    pipe = new LifelinePipe(os, ends[1]);
  }

  @AfterEach
  void close() throws Exception {
    pipe.close(Duration.ZERO);
    os.close(readingEnd);
  }

  private void fill() throws Exception {
    for (int i = 0; i < MANY; i++) {
      pipe.send(LifelinePipe.ADOPTED, ID, OsString.of("4711 " + i));
    }
  }

  private List<String> read() throws Exception {
    StringBuilder text = new StringBuilder();
    byte[] bytes = new byte[1 << 16];
    while (os.poll(new int[] {readingEnd}, 300)[0]) {
      text.append(new String(bytes, 0, os.read(readingEnd, bytes), StandardCharsets.ISO_8859_1));
    }
    return text.toString().lines().toList();
  }

  @Test
  void whatItDoesNotTakeWaitsAndComesInOrder() throws Exception {
    fill();
    assertThat(pipe.isBehind()).isTrue();
    List<String> lines = new ArrayList<>(read());
    Await.until(
        "all is told",
        () -> {
          lines.addAll(read());
          return !pipe.isBehind();
        });
    lines.addAll(read());
    assertThat(lines).hasSize(MANY);
    assertThat(lines.get(MANY - 1)).isEqualTo("adopted " + ID + " 4711 " + (MANY - 1));
    assertThat(lines).isSortedAccordingTo((a, b) -> number(a) - number(b));
  }

  private static int number(String line) {
    return Integer.parseInt(line.substring(line.lastIndexOf(' ') + 1));
  }

  @Test
  void ofACommandThatIsDoneNothingWaits() throws Exception {
    fill();
    String other = "00000000000000f3";
    pipe.send("gate", other, OsString.of("/nowhere/gate"));
    pipe.send(LifelinePipe.DONE, other, OsString.of("-"));
    pipe.send(LifelinePipe.DONE, ID, OsString.of("-"));
    List<String> lines = new ArrayList<>(read());
    lines.addAll(read());
    assertThat(lines).doesNotContain("done " + other + " -").endsWith("done " + ID + " -");
    assertThat(lines.size()).isLessThan(MANY);
  }

  @Test
  void aLifelineThatHasGoneIsNoError() throws Exception {
    os.close(readingEnd);
    fill();
    assertThat(pipe.isBehind()).isFalse();
    readingEnd = os.open(OsString.of("/dev/null"), DescriptorCalls.Open.READ, 0);
  }
}
