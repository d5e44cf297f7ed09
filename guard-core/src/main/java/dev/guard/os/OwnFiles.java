package dev.guard.os;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Opens the files that guards of one user keep for each other. Any program of the user can put
 * something else in the place of a file, so beyond the checks of {@link RawFiles} no link is
 * followed, and a file is used only if it is a regular one of this user that is not too large.
 */
public final class OwnFiles {
  private OwnFiles() {}

  /** Says that a file is none that a guard has written. */
  public static final class UnusableException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String why;

    /** Makes the exception from a file and the reason, as in "it is a FIFO". */
    public UnusableException(Path file, String why) {
      super(file + " can not be used: " + why + "; remove it");
      this.why = why;
    }

    /** Answers the reason alone. */
    public String why() {
      return why;
    }
  }

  /**
   * Opens a file.
   *
   * @param flags the flags of open(2), see {@link DescriptorCalls.Open}
   * @param limit the most bytes that the file may have
   * @return the descriptor
   * @throws NoSuchFileException when there is no file
   * @throws UnusableException when something else is in the place of the file
   */
  public static int open(Os os, Path file, int flags, long limit) throws IOException {
    try {
      return RawFiles.open(
          os,
          OsString.of(file.toString()),
          flags | DescriptorCalls.Open.NOFOLLOW,
          found -> {
            Optional<String> flaw = flaw(os, found, limit);
            if (flaw.isPresent()) {
              throw new UnusableException(file, flaw.get());
            }
          });
    } catch (OsException e) {
      throw reason(os, file, e);
    }
  }

  private static IOException reason(Os os, Path file, OsException e) {
    if (e.errno() == Errno.ENOENT) {
      return new NoSuchFileException(file.toString());
    }
    try {
      return FileStatus.of(file)
          .flatMap(found -> flaw(os, found, Long.MAX_VALUE))
          .<IOException>map(why -> new UnusableException(file, why))
          .orElse(e);
    } catch (IOException again) {
      return e;
    }
  }

  private static Optional<String> flaw(Os os, FileStatus found, long limit) {
    if (!found.isRegular()) {
      return Optional.of("it is " + found.kind());
    }
    if (found.user() != os.userId()) {
      return Optional.of("it belongs to user " + found.user());
    }
    return found.size() > limit ? Optional.of(tooLarge(limit)) : Optional.empty();
  }

  private static String tooLarge(long limit) {
    return "it has more than the " + limit + " bytes that a guard writes";
  }

  /** Reads a whole file; see {@link #open}. */
  public static byte[] read(Os os, Path file, int limit) throws IOException {
    int descriptor = open(os, file, DescriptorCalls.Open.READ, limit);
    return RawFiles.readAndClose(os, descriptor, limit, file.toString())
        .orElseThrow(() -> new UnusableException(file, tooLarge(limit)));
  }

  /** Reads a whole file whose text is UTF-8; see {@link #open}. */
  public static String readText(Os os, Path file, int limit) throws IOException {
    byte[] bytes = read(os, file, limit);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new UnusableException(file, "it is no text in UTF-8");
    }
  }

  /** Opens a file as a stream; see {@link #open}. */
  public static InputStream input(Os os, Path file, long limit) throws IOException {
    int descriptor = open(os, file, DescriptorCalls.Open.READ, limit);
    try {
      return new FileInputStream("/proc/self/fd/" + descriptor);
    } finally {
      os.close(descriptor);
    }
  }

  /** Writes a file, whole at any moment; see {@link RawFiles#replace}. */
  public static void replace(Os os, Path file, Path fresh, byte[] bytes) throws IOException {
    RawFiles.replace(os, OsString.of(file.toString()), OsString.of(fresh.toString()), bytes);
  }

  /** Renames a file that is of no use, and keeps no more than one; answers its new name. */
  public static Path setAside(Path file) throws IOException {
    Path aside = file.resolveSibling(file.getFileName() + ".damaged");
    try {
      return Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
    } catch (DirectoryNotEmptyException e) {
      throw new IOException(aside + " is a directory with files in it; remove it", e);
    }
  }

  /** Lists a directory of this user; a missing one is empty, a link or another's an error. */
  public static List<Path> list(Os os, Path directory) throws IOException {
    Optional<FileStatus> found = FileStatus.of(directory);
    if (found.isEmpty()) {
      return List.of();
    }
    checkDirectory(os.userId(), directory, found.get(), 0);
    List<Path> files = new ArrayList<>();
    for (String name : DirectoryNames.of(directory.toString()).orElse(List.of())) {
      files.add(directory.resolve(name));
    }
    return files;
  }

  /**
   * Fails with the reason and a remedy where this is no directory of this user.
   *
   * @param closed the bits of its mode that must not be set, as 077
   */
  public static void checkDirectory(int user, Path directory, int closed) throws IOException {
    FileStatus found =
        FileStatus.of(directory).orElseThrow(() -> new IOException("there is no " + directory));
    checkDirectory(user, directory, found, closed);
  }

  /**
   * Fails with the reason and a remedy where a directory of this status is none of this user.
   *
   * @param closed the bits of its mode that must not be set, as 077
   */
  public static void checkDirectory(int user, Path directory, FileStatus found, int closed)
      throws IOException {
    if (!found.isDirectory()) {
      throw new IOException(directory + " is no directory; remove it");
    }
    if (found.user() != user) {
      throw new IOException(directory + " belongs to user " + found.user() + "; have it removed");
    }
    if ((found.mode() & closed) != 0) {
      throw new IOException(directory + " is open to others; chmod 700 " + directory);
    }
  }
}
