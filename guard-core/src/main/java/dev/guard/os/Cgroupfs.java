package dev.guard.os;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * Reads and writes the files of cgroups, see cgroups(7). Paths are absolute as the kernel gives
 * them, below a root.
 */
public class Cgroupfs {
  private final Path root;
  // The root once more, as text: a Path for each file costs more than the read of it.
  private final String above;
  private final KernelFiles files;

  /** Makes the access to cgroups below {@code root}. */
  public Cgroupfs(Path root) {
    this(root, KernelFiles.SYSTEM);
  }

  /** Makes the access to cgroups whose files are read in this way. */
  public Cgroupfs(Path root, KernelFiles files) {
    this.root = root;
    this.above = root.toString().equals("/") ? "" : root.toString();
    this.files = files;
  }

  /** Makes the access to the cgroups of this machine. */
  public static Cgroupfs system() {
    return new Cgroupfs(Path.of("/"));
  }

  private Path at(Path cgroup) {
    return above.isEmpty() ? root.resolve(cgroup) : root.resolve(Path.of("/").relativize(cgroup));
  }

  /** Reads a file's bytes; empty when it is not there, also when the cgroup has been removed. */
  private Optional<byte[]> bytesIn(Path cgroup, String file) throws IOException {
    String directory = cgroup.toString();
    if (isAscii(directory)) {
      return files.records(above + directory + "/" + file);
    }
    // In the C locale a Path alone knows the bytes of such a name.
    try {
      return Optional.of(Files.readAllBytes(at(cgroup).resolve(file)));
    } catch (IOException e) {
      if (gone(e, at(cgroup))) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private static boolean isAscii(String name) {
    for (int i = 0; i < name.length(); i++) {
      if (name.charAt(i) > 127) {
        return false;
      }
    }
    return true;
  }

  private Optional<String> text(Path cgroup, String file) throws IOException {
    return bytesIn(cgroup, file)
        .map(bytes -> new String(bytes, StandardCharsets.ISO_8859_1).strip());
  }

  /** Names a file of a cgroup, for callers that open it themselves. */
  public OsString bytes(Path cgroup, String file) {
    return OsString.of(at(cgroup).resolve(file).toString());
  }

  /**
   * Reads a file's text without the newline at its end.
   *
   * @throws NoSuchFileException also when the cgroup is removed meanwhile
   */
  public String read(Path cgroup, String file) throws IOException {
    Optional<String> text = text(cgroup, file);
    if (text.isEmpty()) {
      throw new NoSuchFileException(at(cgroup).resolve(file).toString());
    }
    return text.get();
  }

  /**
   * Writes a value with a single write(2), as the kernel wants it; the file must be there.
   *
   * @throws NoSuchFileException also when the cgroup is removed meanwhile
   */
  public void write(Path cgroup, String file, String value) throws IOException {
    Path path = at(cgroup).resolve(file);
    try {
      Files.write(path, value.getBytes(StandardCharsets.ISO_8859_1), StandardOpenOption.WRITE);
    } catch (IOException e) {
      if (gone(e, at(cgroup))) {
        throw new NoSuchFileException(path.toString());
      }
      throw new IOException("write " + value + " to " + path + ": " + reason(e), e);
    }
  }

  private static String reason(IOException e) {
    if (e instanceof java.nio.file.AccessDeniedException) {
      return "Permission denied";
    }
    return e instanceof FileSystemException f && f.getReason() != null
        ? f.getReason()
        : e.getMessage();
  }

  /**
   * Tells whether a cgroup has this file, or whether there is such a cgroup when {@code file} is
   * empty.
   */
  public boolean has(Path cgroup, String file) {
    String directory = cgroup.toString();
    return isAscii(directory)
        ? files.exists(above + directory + (file.isEmpty() ? "" : "/" + file))
        : Files.exists(at(cgroup).resolve(file));
  }

  /** Finds the id of the user that a cgroup belongs to; -1 when it has gone. */
  public int owner(Path cgroup) {
    try {
      return (int) Files.getAttribute(at(cgroup), "unix:uid");
    } catch (IOException e) {
      // The cgroup can not be looked at: then it is none of this user's.
      return -1;
    }
  }

  /**
   * Tells when a cgroup, or something in it, was made or removed last; long ago when it has gone.
   */
  public Instant made(Path cgroup) {
    try {
      return Files.getLastModifiedTime(at(cgroup)).toInstant();
    } catch (IOException e) {
      // The cgroup can not be looked at any more.
      return Instant.EPOCH;
    }
  }

  /** Tells whether this process may write the file. */
  public boolean writable(Path cgroup, String file) {
    return Files.isWritable(at(cgroup).resolve(file));
  }

  /**
   * Tells whether systemd has marked the cgroup as delegated, with the attribute user.delegate=1.
   */
  public boolean isDelegated(Path cgroup) {
    UserDefinedFileAttributeView attributes =
        Files.getFileAttributeView(at(cgroup), UserDefinedFileAttributeView.class);
    try {
      ByteBuffer value = ByteBuffer.allocate(8);
      attributes.read("delegate", value);
      return value.position() > 0 && value.get(0) == '1';
    } catch (IOException e) {
      // The cgroup has no such attribute, or its file system has none.
      return false;
    }
  }

  /** Lists the processes of one cgroup; empty when it has gone. */
  public List<Integer> processes(Path cgroup) throws IOException {
    return bytesIn(cgroup, "cgroup.procs").map(KernelFiles::numbers).orElse(List.of());
  }

  /**
   * Lists the cgroup and all below it, deepest first; empty when it has gone. One directory is open
   * at a time, however deep they are nested: a command can make more levels than there are
   * descriptors.
   */
  public List<Path> subtree(Path cgroup) throws IOException {
    List<Path> found = new ArrayList<>();
    Deque<Path> next = new ArrayDeque<>(List.of(cgroup));
    while (!next.isEmpty()) {
      Path one = next.pop();
      Optional<List<Path>> below = below(one);
      if (below.isPresent()) {
        found.add(one);
        below.get().forEach(next::push);
      }
    }
    // Each cgroup stands behind the one that it is in.
    Collections.reverse(found);
    return found;
  }

  /** Lists the cgroups in one; empty when that has gone. */
  private Optional<List<Path>> below(Path cgroup) throws IOException {
    if (hasNoneBelow(cgroup)) {
      return Optional.of(List.of());
    }
    List<Path> below = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(at(cgroup))) {
      for (Path entry : entries) {
        if (isDirectory(entries, entry)) {
          below.add(cgroup.resolve(entry.getFileName().toString()));
        }
      }
    } catch (DirectoryIteratorException e) {
      if (!gone(e.getCause(), at(cgroup))) {
        throw e.getCause();
      }
      return Optional.empty();
    } catch (IOException e) {
      if (!gone(e, at(cgroup))) {
        throw e;
      }
      return Optional.empty();
    }
    return Optional.of(below);
  }

  /**
   * Tells by the count of links that a cgroup has none below: each has one for its name, one for
   * its own ".", and one for ".." of every cgroup in it (kernfs_refresh_inode in the kernel's
   * fs/kernfs/inode.c). Listing all its files would cost thirty calls. Other file systems that
   * count so are right, too, and those that do not say 1.
   */
  private boolean hasNoneBelow(Path cgroup) {
    return files.links(above + cgroup) == 2;
  }

  /**
   * Tells whether an entry is a directory, by fstatat(2): a path of a thousand names would be
   * walked again for every file.
   */
  private static boolean isDirectory(DirectoryStream<Path> entries, Path entry) {
    if (!(entries instanceof SecureDirectoryStream<Path> open)) {
      return Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS);
    }
    try {
      return open.getFileAttributeView(
              entry.getFileName(), BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
          .readAttributes()
          .isDirectory();
    } catch (IOException e) {
      // The cgroup has gone.
      return false;
    }
  }

  /** Makes a cgroup, with its parents; no error when it is there. */
  public void create(Path cgroup) throws IOException {
    Path path = at(cgroup);
    while (true) {
      try {
        Files.createDirectories(path);
        return;
      } catch (FileAlreadyExistsException e) {
        if (Files.isRegularFile(path)) {
          throw e;
        }
        // The entry was there, and somebody removed it before it could be seen that it is a
        // directory.
        Thread.onSpinWait();
      }
    }
  }

  /** Makes a cgroup that must be new. */
  public void createNew(Path cgroup) throws IOException {
    Files.createDirectory(at(cgroup));
  }

  /**
   * Removes a cgroup.
   *
   * @return true when it is gone now; false when it is still there: busy, or not ours.
   */
  public boolean remove(Path cgroup) throws IOException {
    String directory = cgroup.toString();
    if (isAscii(directory)) {
      return files.removeDirectory(above + directory);
    }
    try {
      Files.deleteIfExists(at(cgroup));
      return true;
    } catch (FileSystemException e) {
      return !Files.exists(at(cgroup));
    }
  }

  /** Writes a value where the cgroup may have gone meanwhile, or may lack the file. */
  public void writeIfThere(Path cgroup, String file, String value) throws IOException {
    try {
      write(cgroup, file, value);
    } catch (IOException e) {
      if (!gone(e, at(cgroup))) {
        throw e;
      }
    }
  }

  /**
   * Reads a file of lines "key value", such as pids.events; keys that the file lacks are absent.
   */
  public Map<String, Long> counters(Path cgroup, String file) throws IOException {
    Map<String, Long> counters = new TreeMap<>();
    for (String line : read(cgroup, file).lines().toList()) {
      int space = line.indexOf(' ');
      if (space > 0) {
        counters.put(
            line.substring(0, space), parse(cgroup, file, line.substring(space + 1).trim()));
      }
    }
    return counters;
  }

  /** Reads a file that holds one number; empty when there is no such file or it says max. */
  public OptionalLong number(Path cgroup, String file) throws IOException {
    Optional<String> text = text(cgroup, file);
    return text.isEmpty() || text.get().equals("max")
        ? OptionalLong.empty()
        : OptionalLong.of(parse(cgroup, file, text.get()));
  }

  private static long parse(Path cgroup, String file, String text) throws IOException {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new IOException(cgroup.resolve(file) + " has no number: " + text, e);
    }
  }

  /**
   * Tells that a cgroup was removed before the open (ENOENT) or between that and the read (ENODEV),
   * by the files that are there now, since the text of an error may be in the user's language; and
   * by the text, since a cgroup of the same name may have been made again.
   */
  private static boolean gone(IOException e, Path path) {
    return e instanceof NoSuchFileException
        || !Files.exists(path)
        || (e.getMessage() != null && e.getMessage().endsWith("No such device"));
  }
}
