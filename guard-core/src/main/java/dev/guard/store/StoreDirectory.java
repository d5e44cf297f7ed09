package dev.guard.store;

import dev.guard.os.DirectoryNames;
import dev.guard.os.FileStatus;
import dev.guard.os.Os;
import dev.guard.os.OsString;
import dev.guard.os.OwnFiles;
import dev.guard.os.Procfs;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Finds where all guards of a user keep the files that they share: /run/guard for root, else guard/
 * in the user's runtime directory, else a private directory in /tmp. Nobody but the user may be
 * able to write there, or anybody could take all places of the user's budgets.
 */
public final class StoreDirectory {
  // PROC_PID_INIT_INO of linux/proc_ns.h.
  private static final String FIRST_NAMESPACES = "pid:[4026531836]";
  private static final Pattern NAMESPACES = Pattern.compile("[0-9]+(-[0-9]+)?");
  private static final int OTHERS = 077;

  /** The permissions of directories that are the user's alone. */
  public static final FileAttribute<?> PRIVATE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private final Os os;
  private final int user;
  private final Path root;

  private StoreDirectory(Os os, int user, Path root) {
    this.os = os;
    this.user = user;
    this.root = root;
  }

  /**
   * Finds the store, and makes it where it is missing.
   *
   * @param runtimeDirectory XDG_RUNTIME_DIR, if it is set
   * @throws IOException when there is no store that can be used, with the reason and a remedy
   */
  public static Path find(Os os, Procfs procfs, Optional<String> runtimeDirectory)
      throws IOException {
    return find(os, os.userId(), Path.of("/"), procfs.identityNamespaces(), runtimeDirectory);
  }

  /** Lists all stores that there are and that only this user may write; none is made. */
  public static List<Path> existing(Os os, Procfs procfs, Optional<String> runtimeDirectory)
      throws IOException {
    StoreDirectory directory = new StoreDirectory(os, os.userId(), Path.of("/"));
    String namespace = procfs.identityNamespaces();
    List<Path> existing = new ArrayList<>();
    for (Path candidate : directory.candidates(runtimeDirectory)) {
      try {
        directory.checkRuntime(candidate.getParent());
        directory.check(candidate);
        existing.add(inNamespace(candidate, namespace));
      } catch (IOException e) {
        // The directory is not there, or may not be trusted.
        continue;
      }
    }
    return existing;
  }

  /**
   * Lists the stores of other namespaces beside one of {@link #existing}. The pids in them mean
   * nothing here, but the ids do.
   */
  public static List<Path> otherNamespaces(Path store) throws IOException {
    Path first = isOfNamespaces(store) ? store.getParent() : store;
    List<Path> others = new ArrayList<>(List.of(first));
    Optional<List<String>> names = DirectoryNames.of(first.toString());
    if (names.isEmpty()) {
      return List.of();
    }
    names.get().stream()
        .filter(StoreDirectory::isOfNamespaces)
        .forEach(name -> others.add(first.resolve(name)));
    others.remove(store);
    return others;
  }

  /** Tells whether a store is, by its name, that of other namespaces than the first ones. */
  public static boolean isOfNamespaces(Path store) {
    return isOfNamespaces(store.getFileName().toString());
  }

  private static boolean isOfNamespaces(String name) {
    return NAMESPACES.matcher(name).matches();
  }

  /**
   * Names the store of these namespaces: guards that can not see each other's processes can not
   * count them either, and those whose clocks differ take every process of the other for another
   * one.
   */
  private static Path inNamespace(Path store, String namespaces) {
    return namespaces.equals(FIRST_NAMESPACES)
        ? store
        : store.resolve(namespaces.replaceAll("[^0-9]+", " ").strip().replace(' ', '-'));
  }

  /**
   * Finds the store as {@link #find(Os, Procfs, Optional)} does, for tests.
   *
   * @param root the directory that stands for /
   */
  static Path find(Os os, int user, Path root, String namespaces, Optional<String> runtimeDirectory)
      throws IOException {
    StoreDirectory directory = new StoreDirectory(os, user, root);
    return directory.first(namespaces, runtimeDirectory, directory::makePrivate);
  }

  /** Finds the store, or fails, as {@link #find(Os, Procfs, Optional)} would, and makes nothing. */
  public static Path foresee(Os os, Procfs procfs, Optional<String> runtimeDirectory)
      throws IOException {
    return foresee(os, os.userId(), Path.of("/"), procfs.identityNamespaces(), runtimeDirectory);
  }

  /**
   * Foresees the store as {@link #foresee(Os, Procfs, Optional)} does, for tests.
   *
   * @param root the directory that stands for /
   */
  static Path foresee(
      Os os, int user, Path root, String namespaces, Optional<String> runtimeDirectory)
      throws IOException {
    StoreDirectory directory = new StoreDirectory(os, user, root);
    return directory.first(namespaces, runtimeDirectory, directory::lookPrivate);
  }

  /** Makes a directory of a candidate, or only looks at it. */
  private interface DirectoryUse {
    Path take(Path directory) throws IOException;
  }

  private Path first(String namespaces, Optional<String> runtimeDirectory, DirectoryUse step)
      throws IOException {
    List<String> problems = new ArrayList<>();
    for (Path candidate : candidates(runtimeDirectory)) {
      try {
        checkRuntime(candidate.getParent());
        step.take(candidate);
        Path store = inNamespace(candidate, namespaces);
        return store.equals(candidate) ? store : step.take(store);
      } catch (IOException e) {
        problems.add(e.getMessage());
      }
    }
    throw new IOException(String.join("; ", problems));
  }

  private List<Path> candidates(Optional<String> runtimeDirectory) {
    List<Path> candidates = new ArrayList<>();
    if (user == 0) {
      // The directory is not found by the environment: a service and a login of root have different
      // ones.
      candidates.add(root.resolve("run/guard"));
    } else {
      runtimeDirectory
          .filter(d -> d.startsWith("/"))
          .flatMap(StoreDirectory::path)
          .map(d -> d.resolve("guard"))
          .ifPresent(candidates::add);
      // A minimal environment, as under cron, lacks the variable.
      candidates.add(root.resolve("run/user/" + user + "/guard"));
    }
    candidates.add(root.resolve("tmp/guard-" + user));
    return candidates;
  }

  private static Optional<Path> path(String text) {
    try {
      return Optional.of(Path.of(text));
    } catch (InvalidPathException e) {
      // The variable holds bytes that Java can not name in this locale.
      return Optional.empty();
    }
  }

  private Path makePrivate(Path directory) throws IOException {
    try {
      Files.createDirectory(directory, PRIVATE);
    } catch (FileAlreadyExistsException e) {
      check(directory);
    } catch (IOException e) {
      throw new IOException(canNotBeMade(directory, reason(e)), e);
    }
    if (!Files.isWritable(directory)) {
      throw new IOException(directory + " is not writable");
    }
    return directory;
  }

  /** Foresees the answer of {@link #makePrivate}. */
  private Path lookPrivate(Path directory) throws IOException {
    if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
      Path above = directory.getParent();
      if (!Files.exists(above)) {
        if (isEverybodys(above)) {
          throw new IOException(canNotBeMade(directory, "NoSuchFile"));
        }
        // The directory above would be made, too, and be this user's own.
        return directory;
      }
      if (!Files.isWritable(above)) {
        boolean readOnly = os.isReadOnly(OsString.of(above.toString()));
        throw new IOException(canNotBeMade(directory, readOnly ? "FileSystem" : "AccessDenied"));
      }
      return directory;
    }
    check(directory);
    if (!Files.isWritable(directory)) {
      throw new IOException(directory + " is not writable");
    }
    return directory;
  }

  private static String canNotBeMade(Path directory, String reason) {
    return directory + " can not be made: " + reason;
  }

  /**
   * Makes a directory of the store, and the store itself, where somebody has removed them. A thing
   * in their place must be a directory of this user: a link would lead elsewhere.
   */
  public static void makeMissing(Os os, Path directory) throws IOException {
    Optional<FileStatus> found = FileStatus.of(directory);
    if (found.isPresent()) {
      OwnFiles.checkDirectory(os.userId(), directory, found.get(), 0);
      return;
    }
    for (Path missing : List.of(directory.getParent(), directory)) {
      if (!Files.exists(missing, LinkOption.NOFOLLOW_LINKS)) {
        try {
          Files.createDirectory(missing, PRIVATE);
        } catch (FileAlreadyExistsException e) {
          // Another guard was faster.
          continue;
        }
      }
    }
    OwnFiles.checkDirectory(os.userId(), directory, 0);
  }

  private static String reason(IOException e) {
    return e.getClass().getSimpleName().replace("Exception", "");
  }

  /**
   * Refuses a runtime directory that somebody else may replace: whoever may write the one above the
   * store could put another in its place.
   */
  private void checkRuntime(Path above) throws IOException {
    if (!isEverybodys(above)) {
      check(above);
    }
  }

  private boolean isEverybodys(Path directory) {
    return directory.equals(root.resolve("run")) || directory.equals(root.resolve("tmp"));
  }

  private void check(Path directory) throws IOException {
    OwnFiles.checkDirectory(user, directory, OTHERS);
  }
}
