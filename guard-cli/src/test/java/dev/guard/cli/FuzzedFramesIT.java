package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged frames of a gateway lead the shim's parser nowhere that it may not read. */
class FuzzedFramesIT {
  // The seed is in the message, and can be given.
  private static final int FRAMES = Integer.getInteger("fuzz.frames", 1_000_000);
  private static final long SEED = Long.getLong("fuzz.seed", System.nanoTime() & 0xffffff);

  @TempDir private Path directory;

  @Test
  void theParserReadsNothingBeyondAFrame() throws IOException, InterruptedException {
    Path program =
        TestProgram.compile(
            directory,
            "fuzz-frames",
            "-std=c11",
            "-Wextra",
            "-g",
            "-fsanitize=address,undefined",
            "-fno-sanitize-recover=all",
            "-Isrc/main/c",
            "-I../guard-core/src/main/c",
            "src/main/c/frame.c");
    Process fuzz =
        new ProcessBuilder(List.of(program.toString(), "" + FRAMES, "" + SEED))
            .redirectErrorStream(true)
            .start();
    String output = new String(fuzz.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(fuzz.waitFor()).as("seed %s: %s", SEED, output).isZero();
    long[] counts = Arrays.stream(output.strip().split(" ")).mapToLong(Long::parseLong).toArray();
    assertThat(counts[0]).as("right ones").isGreaterThan(FRAMES / 8);
    assertThat(counts[1])
        .as("taken, some with harmless damage")
        .isBetween(counts[0], FRAMES * 9L / 10);
  }
}
