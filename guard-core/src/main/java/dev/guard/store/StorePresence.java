package dev.guard.store;

import dev.guard.os.DescriptorCalls;
import dev.guard.os.Errno;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.OsString;
import dev.guard.os.Procfs;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.locks.LockSupport;

/**
 * Tells guards of other namespaces, to whom pids mean nothing, whether a guard lives in a store:
 * each one that lives holds a shared lock on a file in it, which the kernel takes back.
 */
public final class StorePresence {
  private static final String FILE = "alive";
  private static final int OWNER_ONLY = 0600;
  private static final int FLAGS = DescriptorCalls.Open.NOFOLLOW | DescriptorCalls.Open.NONBLOCK;
  private static final long PATIENCE_NANOS = 1_000_000_000L;
  private static final long PAUSE_NANOS = 1_000_000L;

  private StorePresence() {}

  /**
   * Shows that a guard lives in a store, until this process ends or closes the descriptor.
   *
   * @return the descriptor
   * @throws IOException when that can not be shown, e.g. while somebody else holds the lock alone
   */
  public static int hold(Os os, Path store) throws IOException {
    Path file = store.resolve(FILE);
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (true) {
      StoreDirectory.makeMissing(os, store);
      int descriptor =
          os.open(
              OsString.of(file.toString()),
              DescriptorCalls.Open.READ_WRITE | DescriptorCalls.Open.CREATE | FLAGS,
              OWNER_ONLY);
      boolean held = false;
      try {
        // The guard that removes a deserted store has the lock alone meanwhile, and the file goes
        // with it.
        held = os.lockShared(descriptor) && FileLock.isStill(file, descriptor);
        if (held) {
          return descriptor;
        }
      } finally {
        if (!held) {
          os.close(descriptor);
        }
      }
      if (System.nanoTime() > deadline) {
        throw new IOException(file + " is locked by another process");
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  /** Tells whether no guard lives in a store; nothing is made. */
  public static boolean isDeserted(Os os, Path store) throws OsException {
    int descriptor;
    try {
      descriptor =
          os.open(
              OsString.of(store.resolve(FILE).toString()), DescriptorCalls.Open.READ | FLAGS, 0);
    } catch (OsException e) {
      // A file that can not be opened for another reason may be locked by a guard.
      return e.errno() == Errno.ENOENT;
    }
    try {
      boolean free = os.lock(descriptor);
      if (free) {
        os.unlock(descriptor);
      }
      return free;
    } finally {
      os.close(descriptor);
    }
  }

  /** Removes a store with all that is in it, unless a guard lives there. */
  public static void removeDeserted(Os os, Procfs procfs, Path store) throws IOException {
    new FileLock(os, procfs).tryHold(store.resolve(FILE), () -> removeAll(store));
  }

  private static void removeAll(Path store) throws IOException {
    Files.walkFileTree(
        store,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes is) throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, IOException problem)
              throws IOException {
            if (problem != null) {
              throw problem;
            }
            try {
              Files.deleteIfExists(directory);
            } catch (DirectoryNotEmptyException e) {
              // Somebody only looks there just now; the directory goes the next time.
              return FileVisitResult.CONTINUE;
            }
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
