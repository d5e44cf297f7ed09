package dev.guard.gateway;

import dev.guard.os.DescriptorCalls;
import dev.guard.os.Os;
import dev.guard.os.OwnFiles;
import dev.guard.os.Procfs;
import dev.guard.store.StateDirectory;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;

/**
 * Takes what a gateway says that was started in a place of its own: one file in the user's state
 * directory, and the one before it, which have 1 MiB together.
 */
public final class GatewayLog extends OutputStream {
  private static final long FULL = 512 << 10;
  private static final String NAME = "gateway.log";

  private final FileChannel file;

  private GatewayLog(FileChannel file) {
    this.file = file;
  }

  /** Names the file of a user with this home, whether or not it is there. */
  public static Path usual(String home) {
    return Path.of(home, ".local/state/guard", NAME);
  }

  /** Names the file that a gateway starts with, after it has made it, and put a full one aside. */
  public static Path make(Os os, String home) throws IOException {
    StateDirectory state = StateDirectory.of(os.userId(), Optional.empty(), List.of(home));
    Path path = state.make().resolve(NAME);
    if (Files.exists(path) && Files.size(path) >= FULL) {
      Files.move(path, path.resolveSibling(NAME + ".1"), StandardCopyOption.REPLACE_EXISTING);
    }
    os.close(open(os, path));
    return path;
  }

  /** Opens it to write at its end. */
  static int open(Os os, Path path) throws IOException {
    int flags =
        DescriptorCalls.Open.WRITE | DescriptorCalls.Open.CREATE | DescriptorCalls.Open.APPEND;
    return OwnFiles.open(os, path, flags, Long.MAX_VALUE);
  }

  /** Tells which log is the standard error of a process; empty: none. */
  public static Optional<Path> of(Procfs procfs, int pid) throws IOException {
    // Empty, too, of one that has gone since it was asked for.
    return procfs.link(pid, "fd/2").map(Path::of).filter(t -> t.endsWith(NAME));
  }

  /** Opens the log of this process so that it stays below its limit. */
  public static GatewayLog bounded(Path path) throws IOException {
    return new GatewayLog(
        FileChannel.open(path, StandardOpenOption.WRITE, StandardOpenOption.APPEND));
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    if (file.size() + length > FULL) {
      // Whoever else writes at its end, as the JVM itself does, begins at its beginning, too.
      file.truncate(0);
    }
    file.write(ByteBuffer.wrap(bytes, offset, length));
  }
}
