package dev.guard.cli.setup;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.guard.os.FileStatus;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads and writes files of agents. Many of them are links into a folder of dotfiles: what a link
 * leads to is written, and the link stays.
 */
final class SettingsFile {
  private static final int LARGEST = 4 << 20;
  private static final String FOLDER = "rwx------";

  private SettingsFile() {}

  /** Reads a file, each byte one character; empty where there is none. */
  static Optional<String> read(Path file) throws IOException {
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      return Optional.empty();
    }
    FileStatus found =
        FileStatus.followed(file)
            .orElseThrow(
                () -> new IOException(file + " is a link to a file that is not there; remove it"));
    if (!found.isRegular()) {
      throw new IOException(file + " is " + found.kind() + "; a file is expected there");
    }
    if (found.size() > LARGEST) {
      throw new IOException(file + " has more than " + LARGEST + " bytes; it is left alone");
    }
    try {
      return Optional.of(Files.readString(file, ISO_8859_1));
    } catch (AccessDeniedException e) {
      throw new IOException(file + " can not be read; see whose it is", e);
    }
  }

  /** Reads a file for a hint alone: what can not be read is empty. */
  static String textOrEmpty(Path file) {
    try {
      return read(file).orElse("");
    } catch (IOException e) {
      return "";
    }
  }

  /** Tells whether a program is a launcher of Guard. */
  static boolean isLauncher(Path program) {
    try (InputStream bytes = Files.newInputStream(program)) {
      return new String(bytes.readNBytes(64), ISO_8859_1).contains("\n" + LauncherText.MARK);
    } catch (IOException e) {
      return false;
    }
  }

  /** Fails where a file could not be written, before anything is. */
  static void checkWritable(Path file) throws IOException {
    Path folder = target(file).getParent();
    while (!Files.exists(folder)) {
      folder = folder.getParent();
    }
    if (!Files.isDirectory(folder)) {
      throw new IOException(folder + " is no directory; remove it");
    }
    if (!Files.isWritable(folder)) {
      throw new IOException(file + " can not be written: " + folder + " is not writable for you");
    }
  }

  private static Path target(Path file) throws IOException {
    return Files.exists(file) ? file.toRealPath() : file;
  }

  /** Makes the directories that are missing above a file, and answers them, the outermost first. */
  static List<Path> makeFolders(Path file, String mode) throws IOException {
    List<Path> missing = new ArrayList<>();
    for (Path folder = file.getParent(); !Files.exists(folder); folder = folder.getParent()) {
      missing.add(0, folder);
    }
    for (Path folder : missing) {
      Files.createDirectory(folder);
      if (mode.equals(AgentFile.PRIVATE)) {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(FOLDER));
      }
    }
    return missing;
  }

  /**
   * Writes a file, whole at any moment; one that is there keeps its owner, group and mode.
   *
   * @param mode of a file that is not there yet
   */
  static void write(Path file, String text, String mode) throws IOException {
    Path target = target(file);
    Path fresh =
        target.resolveSibling(
            "." + target.getFileName() + ".guard-" + ProcessHandle.current().pid());
    try {
      Files.deleteIfExists(fresh);
      Set<StandardOpenOption> options =
          EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      try (FileChannel channel =
          FileChannel.open(
              fresh,
              options,
              PosixFilePermissions.asFileAttribute(
                  PosixFilePermissions.fromString(AgentFile.PRIVATE)))) {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(ISO_8859_1));
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        channel.force(true);
      }
      if (Files.exists(target)) {
        likeBefore(target, fresh);
      } else {
        Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString(mode));
      }
      Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new IOException(file + " can not be written: " + reason(e), e);
    } finally {
      Files.deleteIfExists(fresh);
    }
  }

  private static String reason(IOException e) {
    if (e instanceof AccessDeniedException) {
      return "you have no right to; see whose it is";
    }
    return e instanceof FileSystemException f && f.getReason() != null
        ? f.getReason()
        : e.getMessage();
  }

  private static void likeBefore(Path target, Path fresh) throws IOException {
    PosixFileAttributes old = attributes(target).readAttributes();
    PosixFileAttributes made = attributes(fresh).readAttributes();
    if (!old.owner().equals(made.owner())) {
      attributes(fresh).setOwner(old.owner());
    }
    if (!old.group().equals(made.group())) {
      attributes(fresh).setGroup(old.group());
    }
    attributes(fresh).setPermissions(old.permissions());
  }

  private static PosixFileAttributeView attributes(Path file) {
    return Files.getFileAttributeView(file, PosixFileAttributeView.class);
  }
}
