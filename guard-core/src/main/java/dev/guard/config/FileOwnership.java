package dev.guard.config;

import dev.guard.os.DescriptorCalls;
import dev.guard.os.Errno;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.OsString;
import dev.guard.os.RawFiles;
import dev.guard.value.Environment;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Reads a project's file that is to be believed: as git has it, file, folder and project must each
 * be the user's or root's, or the user must have trusted these bytes.
 */
final class FileOwnership {
  private final Os os;
  private final Environment environment;
  private final Problems problems;

  FileOwnership(Os os, Environment environment, Problems problems) {
    this.os = os;
    this.environment = environment;
    this.problems = problems;
  }

  /**
   * Reads a project's file; empty where it does not count. A file of the user's that can not be
   * read is a problem.
   */
  Optional<ProjectFile> read(OsString directory, OsString file) {
    try {
      Optional<String> foreign = foreign(directory, file);
      return foreign.isPresent()
          ? ofOthers(directory, file, foreign.get())
          : RawFiles.read(os, file, ConfigLoader.MAX_FILE_BYTES)
              .map(bytes -> parse(directory, file, bytes));
    } catch (IOException e) {
      return unreadable(directory, file, e);
    }
  }

  /**
   * Names the directory, folder or file that is somebody else's: a link by itself as well as what
   * it leads to.
   */
  private Optional<String> foreign(OsString directory, OsString file) throws IOException {
    OsString folder = file.slice(0, file.lastIndexOf('/'));
    for (OsString part : List.of(directory, folder, file)) {
      for (int flags : new int[] {DescriptorCalls.Open.NOFOLLOW, 0}) {
        int owner = RawFiles.owner(os, part, flags);
        if (owner != os.userId() && owner != 0) {
          return Optional.of(part + " belongs to user " + owner);
        }
      }
    }
    return Optional.empty();
  }

  private Optional<ProjectFile> ofOthers(OsString directory, OsString file, String why) {
    try {
      Optional<byte[]> bytes = RawFiles.read(os, file, ConfigLoader.MAX_FILE_BYTES);
      if (bytes.isPresent() && isTrusted(file, bytes.get())) {
        return Optional.of(parse(directory, file, bytes.get()));
      }
    } catch (IOException e) {
      // A file that can not be read can not have been trusted either.
      return doesNotCount(file, why);
    }
    return doesNotCount(file, why + "; " + ProjectFile.remedy(directory));
  }

  private Optional<ProjectFile> doesNotCount(OsString file, String why) {
    problems.note(file.toString(), "does not count, since " + why);
    return Optional.empty();
  }

  private ProjectFile parse(OsString directory, OsString file, byte[] bytes) {
    String name = file.toString();
    boolean isClaudex = ConfigLoader.isClaudex(name);
    TomlSource.Content content =
        TomlSource.read(bytes, name, TomlFile.Role.PROJECT, isClaudex, problems);
    return new ProjectFile(directory, file, content, () -> isTrusted(file, bytes));
  }

  private boolean isTrusted(OsString file, byte[] bytes) {
    return new Trust(os, environment).isGiven(file, bytes);
  }

  private Optional<ProjectFile> unreadable(OsString directory, OsString file, IOException e) {
    if (e instanceof OsException call && RawFiles.isNoFile(call)) {
      return Optional.empty();
    }
    boolean isDenied = e instanceof OsException call && call.errno() == Errno.EACCES;
    if (isDenied && !isOwn(file)) {
      return doesNotCount(file, "it is not yours and can not be read");
    }
    problems.add(file.toString(), ConfigLoader.unreadable(e));
    return Optional.of(new ProjectFile(directory, file, TomlSource.Content.empty(), () -> false));
  }

  private boolean isOwn(OsString file) {
    try {
      return RawFiles.owner(os, file, DescriptorCalls.Open.NOFOLLOW) == os.userId();
    } catch (IOException e) {
      return false;
    }
  }
}
