package dev.guard.store;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Locks among the threads of this process, one lock for each file, first come, first served. A lock
 * is there as long as somebody holds it or waits for it, so there are never more locks than
 * threads, and none that is in use can be dropped.
 */
final class LocalLocks {
  private final Map<Path, Lock> inUse = new ConcurrentHashMap<>();

  private static final class Lock extends ReentrantLock {
    private static final long serialVersionUID = 1L;

    private int users;

    Lock() {
      super(true);
    }
  }

  /** Waits until no other thread holds the lock of this file. */
  void lock(Path file) {
    // The users of the lock are counted before the wait: a thread that unlocks must leave it to
    // those who wait for it.
    Lock lock =
        inUse.compute(
            file,
            (key, known) -> {
              Lock mine = known == null ? new Lock() : known;
              mine.users++;
              return mine;
            });
    lock.lock();
  }

  /** Gives the lock back, by the thread that holds it. */
  void unlock(Path file) {
    inUse.computeIfPresent(
        file,
        (key, lock) -> {
          lock.unlock();
          lock.users--;
          return lock.users == 0 ? null : lock;
        });
  }

  /** Counts the locks that there are. */
  int size() {
    return inUse.size();
  }
}
