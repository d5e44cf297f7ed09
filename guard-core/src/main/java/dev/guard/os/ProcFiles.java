package dev.guard.os;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Lists directories of proc, which may go away meanwhile. */
final class ProcFiles {
  private ProcFiles() {}

  /** Lists a directory; empty when the process that it is about has gone. */
  static List<Path> list(Path directory) throws IOException {
    List<Path> entries = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
      stream.forEach(entries::add);
    } catch (DirectoryIteratorException e) {
      if (!gone(e.getCause(), directory)) {
        throw e.getCause();
      }
    } catch (IOException e) {
      if (!gone(e, directory)) {
        throw e;
      }
    }
    return entries;
  }

  /**
   * Tells that a process went away before the open (ENOENT) or before the read (ESRCH), by the
   * files that are there now: the text of an error is in the user's language.
   */
  private static boolean gone(IOException e, Path path) {
    return e instanceof NoSuchFileException
        || e instanceof NotDirectoryException
        || !Files.exists(path);
  }
}
