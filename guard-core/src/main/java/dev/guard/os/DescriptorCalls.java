package dev.guard.os;

import java.util.OptionalInt;

/** Calls that work on file descriptors. Descriptors that are returned are close-on-exec. */
public interface DescriptorCalls {
  /** Calls open(2) with O_CLOEXEC. */
  int open(OsString path, int flags, int mode) throws OsException;

  /**
   * Calls open(2) with O_CLOEXEC for a file that is often missing: an exception for each costs more
   * than the call.
   *
   * @return the descriptor; empty when there is no file of this name
   */
  OptionalInt openIfThere(OsString path, int flags) throws OsException;

  /**
   * Calls memfd_create(2) for a file in memory that holds these bytes and that nobody can change,
   * see F_ADD_SEALS in fcntl(2). It can be executed as {@code /proc/PID/fd/DESCRIPTOR}.
   *
   * @param name for people who look at it
   */
  int memoryFile(String name, byte[] bytes) throws OsException;

  /** Calls pipe2(2) with O_CLOEXEC, and answers the read end and the write end. */
  int[] pipe() throws OsException;

  /**
   * Calls read(2), and answers the count, 0 at the end of the file, -1 when there is nothing now.
   */
  int read(int descriptor, byte[] buffer) throws OsException;

  /** Calls pread(2) for one byte, and answers it; -1 when the file is not so long. */
  int byteAt(int descriptor, long offset) throws OsException;

  /** Calls write(2) until everything is written. */
  void write(int descriptor, byte[] bytes) throws OsException;

  /** Calls fcntl(2) with O_NONBLOCK, so that {@link #writeSome} does not wait for a reader. */
  void setNonBlocking(int descriptor) throws OsException;

  /**
   * Calls write(2), and answers how many of the bytes were taken, 0 when none can be without
   * blocking.
   */
  int writeSome(int descriptor, byte[] bytes) throws OsException;

  /**
   * Calls poll(2): waits until one of the descriptors is readable, hung up or in error, or the time
   * is over. -1: forever. A signal does not end the wait.
   */
  boolean[] poll(int[] descriptors, int timeoutMillis) throws OsException;

  /** Calls close(2). */
  void close(int descriptor) throws OsException;

  /**
   * Calls fcntl(2) with F_SETSIG and O_ASYNC: once the last writing end of this pipe is closed, the
   * kernel kills its {@link #setOwner owner}, as long as anybody has this reading end open.
   */
  void killAtHangup(int readingEnd) throws OsException;

  /**
   * Calls fcntl(2) with F_SETOWN, which names the process that is signalled for this descriptor.
   */
  void setOwner(int descriptor, int pid) throws OsException;

  /**
   * Calls fcntl(2) with F_SETLEASE, F_WRLCK: whoever opens this file waits in open(2) until the
   * descriptor is closed, also by the death of this process, or for /proc/sys/fs/lease-break-time,
   * which is 45 s.
   *
   * @param descriptor the only one of a regular file of this user
   * @return false where the file system has no leases
   */
  boolean holdOpens(int descriptor);

  /** Calls flock(2) with LOCK_EX | LOCK_NB, and answers false when somebody else has the lock. */
  boolean lock(int descriptor) throws OsException;

  /** Calls flock(2) with LOCK_SH | LOCK_NB, and answers false when somebody has the lock alone. */
  boolean lockShared(int descriptor) throws OsException;

  /**
   * Calls flock(2) with LOCK_UN, also for copies of the descriptor that other processes may have.
   */
  void unlock(int descriptor) throws OsException;

  /** Names flags of open(2), for x86-64 and aarch64. */
  final class Open {
    public static final int READ = 0;
    public static final int WRITE = 1;
    public static final int READ_WRITE = 2;
    public static final int CREATE = 0100;
    public static final int EXCLUSIVE = 0200;
    public static final int TRUNCATE = 01000;
    public static final int APPEND = 02000;
    public static final int NONBLOCK = 04000;
    public static final int NOFOLLOW =
        System.getProperty("os.arch").equals("amd64") ? 0400000 : 0100000;
    public static final int PATH = 010000000;
    public static final int CLOEXEC = 02000000;

    private Open() {}
  }
}
