package dev.guard.os;

import dev.guard.os.Libc.Arena;
import java.util.OptionalInt;

/** Works on descriptors by the C library. */
interface LinuxDescriptors extends DescriptorCalls {
  int F_GETFL = 3;
  int F_SETFL = 4;
  int F_SETOWN = 8;
  int F_SETSIG = 10;
  int F_SETLEASE = 1024;
  int F_ADD_SEALS = 1033;
  // Of F_SEAL_SEAL, _SHRINK, _GROW and _WRITE.
  int ALL_SEALS = 15;
  int MFD_CLOEXEC = 1;
  int MFD_ALLOW_SEALING = 2;
  // Since Linux 6.3, where without it vm.memfd_noexec decides.
  int MFD_EXEC = 16;
  int F_WRLCK = 1;
  int O_ASYNC = 020000;
  int LOCK_EX_NB = 2 | 4;
  int LOCK_SH_NB = 5;
  int LOCK_UN = 8;
  int POLLIN = 1;
  Libc POLL = new Libc("poll");
  Libc PIPE2 = new Libc("pipe2");
  Libc OPEN = new Libc("open");
  Libc MEMFD_CREATE = new Libc("memfd_create");
  Libc READ = new Libc("read");
  Libc PREAD = new Libc("pread64");
  Libc WRITE = new Libc("write");
  Libc CLOSE = new Libc("close");
  Libc FCNTL = new Libc("fcntl");
  Libc FLOCK = new Libc("flock");

  @Override
  default int open(OsString path, int flags, int mode) throws OsException {
    try (Arena arena = new Arena()) {
      return OPEN.check(path.toString(), arena.string(path), flags | Open.CLOEXEC, mode);
    }
  }

  @Override
  default OptionalInt openIfThere(OsString path, int flags) throws OsException {
    try (Arena arena = new Arena()) {
      int descriptor = OPEN.restarted(arena.string(path), flags | Open.CLOEXEC, 0);
      if (descriptor != -1) {
        return OptionalInt.of(descriptor);
      }
      int errno = Libc.errno();
      if (errno == Errno.ENOENT || errno == Errno.ENOTDIR || errno == Errno.ENAMETOOLONG) {
        return OptionalInt.empty();
      }
      throw OPEN.failure(path.toString(), errno);
    }
  }

  @Override
  default int memoryFile(String name, byte[] bytes) throws OsException {
    int file = emptyFile(OsString.of(name));
    try {
      write(file, bytes);
      FCNTL.check(name, file, F_ADD_SEALS, ALL_SEALS);
      return file;
    } catch (OsException | RuntimeException | Error e) {
      close(file);
      throw e;
    }
  }

  private static int emptyFile(OsString name) throws OsException {
    if (!MEMFD_CREATE.exists()) {
      throw MEMFD_CREATE.failure(name.toString(), Errno.ENOSYS);
    }
    try (Arena arena = new Arena()) {
      long text = arena.string(name);
      int file = MEMFD_CREATE.call(text, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);
      return file == -1 && Libc.errno() == Errno.EINVAL
          ? MEMFD_CREATE.check(name.toString(), text, MFD_CLOEXEC | MFD_ALLOW_SEALING)
          : file == -1 ? refused(name) : file;
    }
  }

  private static int refused(OsString name) throws OsException {
    throw MEMFD_CREATE.failure(name.toString(), Libc.errno());
  }

  @Override
  default int[] pipe() throws OsException {
    try (Arena arena = new Arena()) {
      long fds = arena.allocate(8);
      PIPE2.check("", fds, Open.CLOEXEC);
      return new int[] {Libc.MEMORY.getInt(fds), Libc.MEMORY.getInt(fds + 4)};
    }
  }

  @Override
  default int read(int descriptor, byte[] buffer) throws OsException {
    try (Arena arena = new Arena()) {
      long memory = arena.allocate(buffer.length);
      int count = READ.restarted(descriptor, memory, buffer.length);
      if (count >= 0) {
        Libc.MEMORY.getByteArray(memory, buffer, 0, count);
        return count;
      }
      if (Libc.errno() == Errno.EAGAIN) {
        return -1;
      }
      throw READ.failure("descriptor " + descriptor, Libc.errno());
    }
  }

  @Override
  default int byteAt(int descriptor, long offset) throws OsException {
    try (Arena arena = new Arena()) {
      long memory = arena.allocate(8);
      int count = PREAD.check("descriptor " + descriptor, descriptor, memory, 1, offset);
      return count == 0 ? -1 : Libc.MEMORY.getByte(memory) & 0xff;
    }
  }

  @Override
  default void write(int descriptor, byte[] bytes) throws OsException {
    try (Arena arena = new Arena()) {
      long memory = arena.allocate(bytes.length);
      Libc.MEMORY.putByteArray(memory, bytes, 0, bytes.length);
      int done = 0;
      while (done < bytes.length) {
        done +=
            WRITE.check("descriptor " + descriptor, descriptor, memory + done, bytes.length - done);
      }
    }
  }

  @Override
  default void setNonBlocking(int descriptor) throws OsException {
    setFlag(descriptor, Open.NONBLOCK);
  }

  private static void setFlag(int descriptor, int flag) throws OsException {
    int flags = FCNTL.check("descriptor " + descriptor, descriptor, F_GETFL, 0);
    FCNTL.check("descriptor " + descriptor, descriptor, F_SETFL, flags | flag);
  }

  @Override
  default int writeSome(int descriptor, byte[] bytes) throws OsException {
    try (Arena arena = new Arena()) {
      long memory = arena.allocate(bytes.length);
      Libc.MEMORY.putByteArray(memory, bytes, 0, bytes.length);
      int count = WRITE.call(descriptor, memory, bytes.length);
      if (count >= 0) {
        return count;
      }
      int errno = Libc.errno();
      if (errno != Errno.EAGAIN && errno != Errno.EINTR) {
        throw WRITE.failure("descriptor " + descriptor, errno);
      }
      return 0;
    }
  }

  @Override
  default boolean[] poll(int[] descriptors, int timeoutMillis) throws OsException {
    long start = System.nanoTime();
    try (Arena arena = new Arena()) {
      long fds = arena.allocate(8L * descriptors.length);
      for (int i = 0; i < descriptors.length; i++) {
        Libc.MEMORY.putInt(fds + 8L * i, descriptors[i]);
        Libc.MEMORY.putShort(fds + 8L * i + 4, (short) POLLIN);
      }
      int left = timeoutMillis;
      // The kernel never restarts poll(2) after a signal that has a handler, SA_RESTART or not.
      while (POLL.call(fds, descriptors.length, left) < 0) {
        if (Libc.errno() != Errno.EINTR) {
          throw POLL.failure("", Libc.errno());
        }
        long gone = (System.nanoTime() - start) / 1_000_000;
        left = timeoutMillis < 0 ? -1 : (int) Math.max(0, timeoutMillis - gone);
      }
      boolean[] ready = new boolean[descriptors.length];
      for (int i = 0; i < descriptors.length; i++) {
        ready[i] = Libc.MEMORY.getShort(fds + 8L * i + 6) != 0;
      }
      return ready;
    }
  }

  @Override
  default void close(int descriptor) throws OsException {
    // Linux has closed the descriptor when a signal interrupts the rest of the call, see close(2).
    if (CLOSE.call(descriptor) == -1 && Libc.errno() != Errno.EINTR) {
      throw CLOSE.failure("descriptor " + descriptor, Libc.errno());
    }
  }

  @Override
  default void killAtHangup(int readingEnd) throws OsException {
    FCNTL.check("descriptor " + readingEnd, readingEnd, F_SETSIG, Signals.KILL);
    setFlag(readingEnd, O_ASYNC);
  }

  @Override
  default void setOwner(int descriptor, int pid) throws OsException {
    FCNTL.check("descriptor " + descriptor + " for " + pid, descriptor, F_SETOWN, pid);
  }

  @Override
  default boolean holdOpens(int descriptor) {
    // The lease has no owner: the signal that somebody opens the file would end this process.
    return FCNTL.call(descriptor, F_SETLEASE, F_WRLCK) == 0
        && FCNTL.call(descriptor, F_SETOWN, 0) == 0;
  }

  @Override
  default boolean lock(int descriptor) throws OsException {
    return lock(descriptor, LOCK_EX_NB);
  }

  @Override
  default boolean lockShared(int descriptor) throws OsException {
    return lock(descriptor, LOCK_SH_NB);
  }

  private static boolean lock(int descriptor, int operation) throws OsException {
    if (FLOCK.restarted(descriptor, operation) == 0) {
      return true;
    }
    if (Libc.errno() == Errno.EAGAIN) {
      return false;
    }
    throw FLOCK.failure("descriptor " + descriptor, Libc.errno());
  }

  @Override
  default void unlock(int descriptor) throws OsException {
    FLOCK.check("descriptor " + descriptor, descriptor, LOCK_UN);
  }
}
