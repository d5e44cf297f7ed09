package dev.guard.os;

import dev.guard.os.Libc.Arena;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Lists directories by getdents64(2): an open, a read and a close for a small one, where java.nio
 * takes nine calls and makes a Path of each entry.
 */
public final class DirectoryNames {
  private static final int SYS_GETDENTS64 =
      System.getProperty("os.arch").equals("amd64") ? 217 : 61;
  private static final int BUFFER = 32768;
  // struct linux_dirent64, see getdents(2).
  private static final int LENGTH = 16;
  private static final int NAME = 19;
  private static final int O_DIRECTORY =
      System.getProperty("os.arch").equals("amd64") ? 0200000 : 040000;

  private DirectoryNames() {}

  /**
   * Lists the names in a directory, without . and .. .
   *
   * @param directory its path; a link at its end is not followed
   * @return empty when there is no such directory, or the process or cgroup that it is about has
   *     gone
   * @throws OsException when it can not be listed, for another reason than that
   */
  public static Optional<List<String>> of(String directory) throws OsException {
    try (Arena arena = new Arena()) {
      int flags = DescriptorCalls.Open.CLOEXEC | DescriptorCalls.Open.NOFOLLOW | O_DIRECTORY;
      int open = LinuxDescriptors.OPEN.restarted(arena.string(OsString.of(directory)), flags, 0);
      if (open == -1) {
        return KernelFiles.goneOrFails("open " + directory, Libc.errno());
      }
      try {
        return readAll(open, directory, arena.allocate(BUFFER));
      } finally {
        LinuxDescriptors.CLOSE.call(open);
      }
    }
  }

  private static Optional<List<String>> readAll(int open, String directory, long buffer)
      throws OsException {
    List<String> names = new ArrayList<>();
    while (true) {
      int count = LinuxProcesses.SYSCALL.restarted(SYS_GETDENTS64, open, buffer, BUFFER);
      if (count == -1) {
        return KernelFiles.goneOrFails("getdents64 " + directory, Libc.errno());
      }
      if (count == 0) {
        return Optional.of(names);
      }
      for (long at = buffer; at < buffer + count; ) {
        String name =
            new String(Libc.MEMORY.getZeroTerminatedByteArray(at + NAME), StandardCharsets.UTF_8);
        if (!name.equals(".") && !name.equals("..")) {
          names.add(name);
        }
        at += Libc.MEMORY.getShort(at + LENGTH) & 0xffff;
      }
    }
  }
}
