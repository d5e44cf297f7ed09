package dev.guard.store;

import dev.guard.os.DescriptorCalls;
import dev.guard.os.FileStatus;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.OwnFiles;
import dev.guard.os.Procfs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;

/**
 * Locks among all guards of a user, see flock(2): each lock is an empty file, which its holder may
 * remove; the kernel takes the lock back when its owner dies.
 */
public final class FileLock {
  private static final long LONGEST_PAUSE_NANOS = 50_000_000L;
  private static final long LOOK_NANOS = 5_000_000_000L;
  private static final int LOOKS_STOPPED = 2;
  private static final int LOOKS = 12;
  // Threads of one process wait here, so that the kernel is not asked again and again.
  private static final LocalLocks OF_THIS_PROCESS = new LocalLocks();

  private final Os os;
  private final Procfs procfs;

  /** Makes locks through {@code os}. */
  public FileLock(Os os, Procfs procfs) {
    this.os = os;
    this.procfs = procfs;
  }

  /** Answers something while a lock is held. */
  @FunctionalInterface
  public interface LockedAnswer<T> {
    /** Does the work, and answers its result. */
    T run() throws IOException;
  }

  /** Does something while a lock is held. */
  @FunctionalInterface
  public interface LockedAction {
    /** Does the work. */
    void run() throws IOException;
  }

  /**
   * Does something while nobody else holds this lock.
   *
   * @throws StoreException when the file can not be made
   * @throws IOException what the work throws; or one that names the process, when a stopped one has
   *     the lock, or the same one for a minute
   */
  public <T> T hold(Path file, LockedAnswer<T> work) throws IOException {
    OF_THIS_PROCESS.lock(file);
    try {
      int descriptor = lock(file);
      try {
        return work.run();
      } finally {
        unlock(descriptor);
      }
    } finally {
      OF_THIS_PROCESS.unlock(file);
    }
  }

  /** Does something if nobody holds this lock now, and nothing if somebody does. */
  public void tryHold(Path file, LockedAction step) throws IOException {
    int descriptor = open(file);
    try {
      if (os.lock(descriptor) && isStill(file, descriptor)) {
        step.run();
      }
    } finally {
      unlock(descriptor);
    }
  }

  /**
   * Gives a lock back, not by close(2) alone: a process that is just being started has a copy of
   * the descriptor for a moment.
   */
  private void unlock(int descriptor) throws OsException {
    try {
      os.unlock(descriptor);
    } finally {
      os.close(descriptor);
    }
  }

  /**
   * Takes the lock, however many want it: on a busy machine each of sixty may have it for a second.
   */
  private int lock(Path file) throws IOException {
    Waiting waiting = new Waiting(file);
    while (true) {
      int descriptor = open(file);
      boolean still = false;
      try {
        while (!os.lock(descriptor)) {
          waiting.sleep();
        }
        still = isStill(file, descriptor);
      } finally {
        if (!still) {
          os.close(descriptor);
        }
      }
      if (still) {
        return descriptor;
      }
    }
  }

  /** Waits for a lock, and knows when that has become hopeless. */
  private final class Waiting {
    private final Path file;
    private long lookAt = System.nanoTime() + LOOK_NANOS;
    private long pause = 500_000;
    private Optional<Integer> seen = Optional.empty();
    private int looks;
    private int looksStopped;

    Waiting(Path file) {
      this.file = file;
    }

    void sleep() throws IOException {
      LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(pause / 2, pause));
      pause = Math.min(2 * pause, LONGEST_PAUSE_NANOS);
      if (System.nanoTime() >= lookAt) {
        lookAt += LOOK_NANOS;
        look();
      }
    }

    private void look() throws IOException {
      Optional<Integer> holder = holder(file);
      Optional<Procfs.Stat> stat = holder.isEmpty() ? Optional.empty() : procfs.stat(holder.get());
      boolean same = holder.equals(seen);
      boolean stopped =
          stat.isPresent() && (stat.get().state() == 'T' || stat.get().state() == 't');
      seen = holder;
      looks = same ? looks + 1 : 1;
      looksStopped = stopped ? (same ? looksStopped + 1 : 1) : 0;
      if (looksStopped == LOOKS_STOPPED || looks == LOOKS) {
        String who = holder.map(pid -> "process " + pid).orElse("another process");
        throw new IOException(
            file
                + " is locked by "
                + who
                + (stopped ? ", which is stopped" : "")
                + "; end it or let it go on");
      }
    }
  }

  private int open(Path file) throws StoreException {
    try {
      StoreDirectory.makeMissing(os, file.getParent());
      return OwnFiles.open(
          os, file, DescriptorCalls.Open.READ_WRITE | DescriptorCalls.Open.CREATE, Long.MAX_VALUE);
    } catch (OwnFiles.UnusableException e) {
      throw new StoreException(e.getMessage(), e);
    } catch (IOException e) {
      throw new StoreException(e.getMessage() + "; make room there, or remove it", e);
    }
  }

  /** Tells whether the file was not removed between the open and the lock of it. */
  static boolean isStill(Path file, int descriptor) throws IOException {
    Optional<FileStatus> named = FileStatus.of(file);
    return named.isPresent() && named.get().isSameFile(FileStatus.of(descriptor));
  }

  /** Finds the process that has the lock, by /proc/locks. */
  private Optional<Integer> holder(Path file) throws IOException {
    String inode = ":" + Files.getAttribute(file, "unix:ino") + " ";
    for (String line : procfs.systemText("locks").lines().toList()) {
      String[] words = line.trim().split(" +", -1);
      if (line.contains(inode) && words[1].equals("FLOCK") && words[4].matches("[1-9][0-9]*")) {
        return Optional.of(Integer.valueOf(words[4]));
      }
    }
    return Optional.empty();
  }
}
