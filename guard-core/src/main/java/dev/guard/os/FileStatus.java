package dev.guard.os;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Holds what statx(2) says of a file.
 *
 * @param mode its type and permissions, see inode(7)
 * @param user the uid of its owner
 * @param links how many names it has
 * @param size its size in bytes
 * @param inode its number in its file system
 * @param device the number of that file system
 * @param changedNanos when anything of it was changed last, in nanoseconds since 1970, see ctime in
 *     inode(7): no program can set it
 */
public record FileStatus(
    int mode, int user, int links, long size, long inode, long device, long changedNanos) {
  private static final int TYPE = 0170000;

  /** Asks for the status of an open descriptor: the name of its file may be another's by now. */
  public static FileStatus of(int descriptor) throws OsException {
    return LinuxStatus.ofDescriptor(descriptor);
  }

  /** Asks for the status of a path, or of the link itself at its end; empty when there is none. */
  public static Optional<FileStatus> of(Path path) throws OsException {
    return LinuxStatus.ofPath(OsString.of(path.toString()), LinuxStatus.NOFOLLOW);
  }

  /** Asks for the status of what a path leads to; empty when there is none. */
  public static Optional<FileStatus> followed(Path path) throws OsException {
    return LinuxStatus.ofPath(OsString.of(path.toString()), 0);
  }

  /** Tells whether it is a regular file. */
  public boolean isRegular() {
    return (mode & TYPE) == 0100000;
  }

  /** Tells whether it is a directory. */
  public boolean isDirectory() {
    return (mode & TYPE) == 0040000;
  }

  /** Tells whether both are of one file. */
  public boolean isSameFile(FileStatus other) {
    return inode == other.inode && device == other.device;
  }

  /** Names the type in a message. */
  public String kind() {
    return switch (mode & TYPE) {
      case 0010000 -> "a FIFO";
      case 0020000, 0060000 -> "a device";
      case 0040000 -> "a directory";
      case 0120000 -> "a symbolic link";
      case 0140000 -> "a socket";
      default -> "no regular file";
    };
  }
}
