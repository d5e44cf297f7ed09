package dev.guard.launch;

import dev.guard.os.Errno;
import dev.guard.os.Os;
import dev.guard.os.OsString;
import dev.guard.value.Request;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Names the file that a command's first argument stands for, found as execvp(3) finds it, in the
 * PATH of the command.
 *
 * @param path the file to execute
 * @param argv the program's arguments
 */
public record Program(OsString path, List<OsString> argv) {
  private static final OsString DEFAULT_PATH = OsString.of("/bin:/usr/bin");
  private static final OsString SLASH = OsString.of("/");
  private static final OsString SHELL = OsString.of("/bin/sh");
  // NAME_MAX.
  private static final int LONGEST_NAME = 255;

  /** Looks at a request's directory and program before anything is reserved or made for it. */
  public static void check(Os os, Request request) throws IOException, NotExecutedException {
    if (request.directory().isPresent() && !os.isDirectory(request.directory().get())) {
      throw new IOException(
          request.directory().get() + ": not a directory that can be entered; name another");
    }
    find(os, request);
  }

  /**
   * Finds the program, or throws with 127 when there is none, 126 when there is one that can not be
   * executed.
   */
  public static Program find(Os os, Request request) throws NotExecutedException {
    OsString name = request.argv().get(0);
    if (name.contains('/')) {
      // A relative path is looked up from the command's directory, so only the exec itself can
      // tell.
      return new Program(name, request.argv());
    }
    if (name.length() > LONGEST_NAME) {
      throw NotExecutedException.of(name, Errno.ENAMETOOLONG);
    }
    int error = Errno.ENOENT;
    boolean denied = false;
    OsString path = request.environment().get("PATH").orElse(DEFAULT_PATH);
    for (OsString directory : name.length() == 0 ? List.<OsString>of() : split(path)) {
      OsString candidate = directory.length() == 0 ? name : directory.concat(SLASH).concat(name);
      error = os.executable(seenFrom(request, candidate));
      if (error == 0) {
        return new Program(candidate, request.argv());
      }
      denied |= error == Errno.EACCES;
      if (!isTriedElsewhere(error)) {
        break;
      }
    }
    throw NotExecutedException.of(name, denied && isTriedElsewhere(error) ? Errno.EACCES : error);
  }

  /**
   * Tells whether execvp(3) goes on to the next directory, since nobody can be sure that the file
   * is there.
   */
  private static boolean isTriedElsewhere(int errno) {
    return switch (errno) {
      case Errno.EACCES, Errno.ENOENT, Errno.ENOTDIR, Errno.ENODEV, Errno.ESTALE, Errno.ETIMEDOUT ->
          true;
      default -> false;
    };
  }

  /**
   * Answers the program as a script without an interpreter line, which execvp(3) gives to the
   * shell.
   */
  Program asShellScript() {
    List<OsString> arguments = new ArrayList<>(List.of(SHELL, path));
    arguments.addAll(argv.subList(1, argv.size()));
    return new Program(SHELL, arguments);
  }

  /** Resolves a relative entry of PATH from the command's directory. */
  private static OsString seenFrom(Request request, OsString candidate) {
    boolean absolute = candidate.bytes()[0] == '/';
    return absolute || request.directory().isEmpty()
        ? candidate
        : request.directory().get().concat(SLASH).concat(candidate);
  }

  private static List<OsString> split(OsString path) {
    List<OsString> parts = new ArrayList<>();
    OsString rest = path;
    int colon;
    while ((colon = rest.indexOf(':')) >= 0) {
      parts.add(rest.slice(0, colon));
      rest = rest.slice(colon + 1, rest.length());
    }
    parts.add(rest);
    return parts;
  }
}
