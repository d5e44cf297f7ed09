package dev.guard.cli;

import dev.guard.os.Os;
import dev.guard.os.OsString;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Names the things that a program of the user can put in the place of a file or directory of guard.
 */
enum Damage {
  TRUNCATED,
  EMPTY,
  RANDOM,
  FIFO,
  LINK,
  DEVICE,
  DIRECTORY,
  HUGE,
  ANOTHERS,
  ODD_NAME;

  static final String NAME = "x\u001b[31m\ny";
  private static final int STRANGER = 12345;
  private static final long HUGE_BYTES = 64L << 30;

  /**
   * Does it. What is nested deeply, or has many elements, is small in a file and large in memory.
   *
   * @param victim what a link leads to
   */
  void to(Path place, Path victim, Random random) throws IOException, InterruptedException {
    byte[] before = Files.isRegularFile(place) ? Files.readAllBytes(place) : new byte[0];
    switch (this) {
      case ANOTHERS -> {
        if (!Files.exists(place)) {
          Files.createFile(place);
        }
        Files.setAttribute(place, "unix:uid", STRANGER);
      }
      case ODD_NAME -> Files.write(place.resolveSibling(NAME + place.getFileName()), before);
      default -> {
        remove(place);
        put(place, victim, before, random);
      }
    }
  }

  private void put(Path place, Path victim, byte[] before, Random random)
      throws IOException, InterruptedException {
    switch (this) {
      case TRUNCATED -> Files.write(place, Arrays.copyOf(before, before.length / 2));
      case EMPTY -> Files.createFile(place);
      case RANDOM -> Files.write(place, bytes(random));
      case FIFO -> Os.linux().makeFifo(OsString.of(place.toString()));
      case LINK -> Files.createSymbolicLink(place, victim);
      case DEVICE -> run("mknod", place.toString(), "c", "1", "5");
      case DIRECTORY -> Files.createDirectories(place.resolve("full"));
      case HUGE -> {
        try (RandomAccessFile file = new RandomAccessFile(place.toFile(), "rw")) {
          file.write(before);
          file.setLength(HUGE_BYTES);
        }
      }
      default -> throw new IllegalStateException(name());
    }
  }

  private static byte[] bytes(Random random) {
    List<String> texts =
        List.of(
            "[".repeat(1 << 20),
            "[" + "[],".repeat(4 << 20) + "[]]",
            "{\"a\":".repeat(100_000),
            "{\"version\":1,\"id\":\"../../../victim\"}\n",
            "\u001b[31m\n\n\n");
    int which = random.nextInt(2 * texts.size());
    byte[] bytes = new byte[4096];
    random.nextBytes(bytes);
    return which < texts.size() ? texts.get(which).getBytes(StandardCharsets.UTF_8) : bytes;
  }

  private static void run(String... words) throws IOException, InterruptedException {
    if (new ProcessBuilder(words).inheritIO().start().waitFor() != 0) {
      throw new IOException(String.join(" ", words));
    }
  }

  static void remove(Path place) throws IOException {
    if (!Files.exists(place, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (Stream<Path> all = Files.walk(place)) {
      for (Path one : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(one);
      }
    }
  }
}
