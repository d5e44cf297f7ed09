package dev.guard.launch;

import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.OsString;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/**
 * The native program that is a command's process until its exec, see {@code held.c}, as a file in
 * memory, since this may be a jar and a directory may forbid programs. Between fork and exec a JVM
 * can do nothing of its own.
 */
final class HeldProgram implements AutoCloseable {
  private static final String NAME = "guard-held";

  private final Os os;
  private final int file;
  private boolean closed;

  private HeldProgram(Os os, int file) {
    this.os = os;
    this.file = file;
  }

  /**
   * Opens it; empty where this library was built without the one of this processor, or the kernel,
   * or a filter, has no files in memory.
   */
  static Optional<HeldProgram> open(Os os) throws IOException {
    boolean isAmd64 = System.getProperty("os.arch").equals("amd64");
    String machine = isAmd64 ? "x86_64" : System.getProperty("os.arch");
    try (InputStream in = HeldProgram.class.getResourceAsStream("held-" + machine)) {
      return in == null
          ? Optional.empty()
          : Optional.of(new HeldProgram(os, os.memoryFile(NAME, in.readAllBytes())));
    } catch (OsException e) {
      return Optional.empty();
    }
  }

  /** Names it for a child, which has none of the descriptors of this process. */
  OsString path() {
    return OsString.of("/proc/" + os.pid() + "/fd/" + file);
  }

  OsString name() {
    return OsString.of(NAME);
  }

  @Override
  public synchronized void close() throws OsException {
    if (!closed) {
      closed = true;
      os.close(file);
    }
  }
}
