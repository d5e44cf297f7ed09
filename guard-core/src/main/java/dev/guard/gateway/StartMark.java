package dev.guard.gateway;

import dev.guard.os.DescriptorCalls;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.OwnFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;

/**
 * Keeps many callers from starting a gateway at once: the file {@code gateway.start} beside the
 * socket, which is locked while one starts. Its age tells when that was tried for the last time.
 */
public final class StartMark {
  private static final String NAME = "gateway.start";
  // A start that fails fails again, and each costs a JVM.
  private static final Duration AGAIN = Duration.ofMinutes(1);

  private final Os os;
  private final Path file;

  /** Keeps the mark in this directory. */
  public StartMark(Os os, Path directory) {
    this.os = os;
    this.file = directory.resolve(NAME);
  }

  /** Opens it, without the lock. A process that inherits the descriptor shares the lock. */
  public int open() throws IOException {
    return OwnFiles.open(
        os, file, DescriptorCalls.Open.READ_WRITE | DescriptorCalls.Open.CREATE, Long.MAX_VALUE);
  }

  /** Takes the lock; false: another has it. With that the start has been tried. */
  public boolean take(int descriptor) throws IOException {
    if (!os.lock(descriptor)) {
      return false;
    }
    stamp(descriptor);
    return true;
  }

  /** Takes the lock unless a start was tried lately, see {@link #isFresh}. */
  boolean takeUnlessFresh(int descriptor) throws IOException {
    if (!os.lock(descriptor)) {
      return false;
    }
    // Only now: who had the lock may have begun and finished meanwhile.
    boolean fresh = isFresh();
    if (fresh) {
      os.unlock(descriptor);
    } else {
      stamp(descriptor);
    }
    return !fresh;
  }

  private void stamp(int descriptor) throws OsException {
    os.write(descriptor, (os.pid() + "\n").getBytes(StandardCharsets.US_ASCII));
  }

  /** Tells whether a gateway is being started now. */
  public boolean isTaken() throws IOException {
    int descriptor = open();
    try {
      return !os.lock(descriptor);
    } finally {
      os.close(descriptor);
    }
  }

  /** Tells whether a start was tried so lately that it is not worth to try again. */
  public boolean isFresh() throws IOException {
    try {
      FileTime tried = Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS);
      long age = System.currentTimeMillis() - tried.toMillis();
      // An empty one was only opened; and the clock may have been set back since.
      return age >= 0 && age < AGAIN.toMillis() && Files.size(file) > 0;
    } catch (NoSuchFileException e) {
      return false;
    }
  }
}
