package dev.guard.os;

import dev.guard.os.Libc.Arena;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Reads files that the kernel makes up as they are read, of proc and of cgroups, by three system
 * calls for most. A gateway reads some fifty for each command, and java.nio takes twice the calls,
 * and an exception for each file that is not there.
 */
public interface KernelFiles {
  /** Reads the files of this machine. */
  KernelFiles SYSTEM = new OfThisMachine();

  // One read(2) hands out at most a page of most of these files.
  int PAGE = 4096;
  int LONGEST_RECORD = 512;

  /**
   * Reads a whole file.
   *
   * @param path the absolute path
   * @return empty when there is no such file, or the process or cgroup that it is about has gone
   * @throws AccessDeniedException when it is not for this process to read
   * @throws IOException when it can not be read, for another reason than these
   */
  Optional<byte[]> read(String path) throws IOException;

  /**
   * Reads a file of one record, or of records that are shorter than 512 bytes, such as
   * cgroup.procs.
   *
   * @param path the absolute path
   * @return empty as in {@link #read}
   * @throws IOException as {@link #read} does
   */
  Optional<byte[]> records(String path) throws IOException;

  /**
   * Reads what a symbolic link says, as text; empty when there is none, or its process has gone.
   */
  Optional<String> link(String path) throws IOException;

  /** Tells by access(2) whether there is a file or directory of this name. */
  boolean exists(String path);

  /**
   * Removes a directory by rmdir(2).
   *
   * @return true when it is gone now; false when it is still there
   */
  boolean removeDirectory(String path);

  /** Counts the links of a directory, see st_nlink in inode(7); 0 when that can not be said. */
  int links(String directory);

  /** Reads by the C library. */
  final class OfThisMachine implements KernelFiles {
    private OfThisMachine() {}

    @Override
    public Optional<byte[]> read(String path) throws IOException {
      return read(path, PAGE);
    }

    @Override
    public Optional<byte[]> records(String path) throws IOException {
      // The kernel fills what it is given with whole records (seq_read_iter in fs/seq_file.c):
      // where
      // there is room for one more, the end has been reached, and no second read(2) has to say so.
      return read(path, LONGEST_RECORD);
    }

    private static Optional<byte[]> read(String path, int room) throws IOException {
      try (Arena arena = new Arena()) {
        int file =
            LinuxDescriptors.OPEN.restarted(
                arena.string(OsString.of(path)), DescriptorCalls.Open.CLOEXEC);
        if (file == -1) {
          return goneOrRefused(path, Libc.errno());
        }
        try {
          return readAll(file, path, arena, room);
        } finally {
          LinuxDescriptors.CLOSE.call(file);
        }
      }
    }

    @Override
    public Optional<String> link(String path) throws IOException {
      try (Arena arena = new Arena()) {
        long buffer = arena.allocate(LinuxPaths.PATH_MAX);
        int count =
            LinuxPaths.READLINK.restarted(
                arena.string(OsString.of(path)), buffer, LinuxPaths.PATH_MAX);
        if (count == -1) {
          return goneOrRefused(path, Libc.errno());
        }
        byte[] bytes = new byte[count];
        Libc.MEMORY.getByteArray(buffer, bytes, 0, count);
        return Optional.of(new String(bytes, StandardCharsets.UTF_8));
      }
    }

    @Override
    public boolean exists(String path) {
      try (Arena arena = new Arena()) {
        return LinuxPaths.ACCESS.restarted(arena.string(OsString.of(path)), 0) == 0;
      }
    }

    @Override
    public boolean removeDirectory(String path) {
      try (Arena arena = new Arena()) {
        int answer = LinuxPaths.RMDIR.restarted(arena.string(OsString.of(path)));
        return answer == 0 || Libc.errno() == Errno.ENOENT || !exists(path);
      }
    }

    @Override
    public int links(String directory) {
      return LinuxStatus.links(OsString.of(directory));
    }
  }

  /**
   * Reads up to the end, not by size: the kernel's files say 0.
   *
   * @param room a read that leaves so many bytes of the page has reached the end, but for one that
   *     leaves them all
   */
  private static Optional<byte[]> readAll(int file, String path, Arena arena, int room)
      throws OsException {
    long buffer = arena.allocate(PAGE);
    byte[] all = {};
    int size = 0;
    while (true) {
      int count = LinuxDescriptors.READ.restarted(file, buffer, PAGE);
      if (count == -1) {
        return goneOrFails("read " + path, Libc.errno());
      }
      if (size + count > all.length) {
        all = Arrays.copyOf(all, Math.max(size + count, 2 * all.length));
      }
      Libc.MEMORY.getByteArray(buffer, all, size, count);
      size += count;
      if (count == 0 || PAGE - count >= room) {
        return Optional.of(size == all.length ? all : Arrays.copyOf(all, size));
      }
    }
  }

  /**
   * Tells that a process or a cgroup went away before the open (ENOENT) or before the read (ESRCH,
   * ENODEV).
   */
  static <T> Optional<T> goneOrFails(String operation, int errno) throws OsException {
    if (isGone(errno)) {
      return Optional.empty();
    }
    throw new OsException(operation, errno, Libc.text(errno));
  }

  /** Tells a file that is not for this process, as another user's, from one that fails. */
  private static <T> Optional<T> goneOrRefused(String path, int errno) throws IOException {
    if (isGone(errno)) {
      return Optional.empty();
    }
    throw errno == Errno.EACCES
        ? new AccessDeniedException(path)
        : new FileSystemException(path, null, Libc.text(errno));
  }

  private static boolean isGone(int errno) {
    return errno == Errno.ENOENT
        || errno == Errno.ENOTDIR
        || errno == Errno.ESRCH
        || errno == Errno.ENODEV;
  }

  /** Adds the numbers of a text to a list. */
  static void addNumbers(byte[] text, List<Integer> into) {
    int number = -1;
    for (byte b : text) {
      if (b >= '0' && b <= '9') {
        number = Math.max(number, 0) * 10 + (b - '0');
      } else if (number >= 0) {
        into.add(number);
        number = -1;
      }
    }
    if (number >= 0) {
      into.add(number);
    }
  }

  /** Parses the numbers, one a line, of a file such as cgroup.procs. */
  static List<Integer> numbers(byte[] text) {
    List<Integer> numbers = new ArrayList<>();
    addNumbers(text, numbers);
    return numbers;
  }
}
