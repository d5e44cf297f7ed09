package dev.guard.testing;

import dev.guard.os.OsString;
import dev.guard.os.Procfs;
import java.io.File;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Lists the processes and cgroups of this host now, for the question whether a command left
 * something behind.
 */
public final class Host {
  private static final Path CGROUPS = Path.of("/sys/fs/cgroup");

  private Host() {}

  /** Whether a process lives; a zombie does not. */
  public static boolean alive(int pid) throws IOException {
    return Procfs.system().stat(pid).filter(s -> !s.ended()).isPresent();
  }

  /** Lists the processes that live. */
  public static List<Integer> alive(Collection<Integer> pids) throws IOException {
    List<Integer> alive = new ArrayList<>();
    for (int pid : pids) {
      if (alive(pid)) {
        alive.add(pid);
      }
    }
    return alive;
  }

  /** The children of this JVM that have ended (true) or still live (false). */
  public static Set<Integer> children(boolean ended) throws IOException {
    int self = (int) ProcessHandle.current().pid();
    Set<Integer> found = new TreeSet<>();
    for (int pid : Procfs.system().pids()) {
      Procfs.system()
          .stat(pid)
          .filter(s -> s.parent() == self && s.ended() == ended)
          .ifPresent(s -> found.add(s.pid()));
    }
    return found;
  }

  /** The live processes that were started with this id in their environment. */
  public static Set<Integer> started(String id) throws IOException {
    Procfs procfs = Procfs.system();
    OsString mark = OsString.of("GUARD_ID=" + id);
    Set<Integer> found = new TreeSet<>();
    for (int pid : procfs.pids()) {
      try {
        if (alive(pid) && procfs.environment(pid).orElse(List.of()).contains(mark)) {
          found.add(pid);
        }
      } catch (IOException e) {
        // It is ending, or the kernel's own.
        continue;
      }
    }
    return found;
  }

  /** The cgroups of these commands, in every hierarchy. */
  public static List<Path> cgroups(Collection<String> ids) throws IOException {
    List<Path> found = new ArrayList<>();
    Files.walkFileTree(
        CGROUPS,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
            String name = directory.getFileName().toString();
            if (name.startsWith("cmd_") && ids.contains(name.substring(4))) {
              found.add(directory);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) {
            // Removed meanwhile: somebody else's.
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, IOException e) {
            return FileVisitResult.CONTINUE;
          }
        });
    return found;
  }

  /** Open descriptors of this JVM. */
  public static int descriptors() {
    return new File("/proc/self/fd").list().length;
  }

  /** The directories of these commands' gates. */
  public static List<Path> gates(Collection<String> ids) {
    String runtime = System.getenv().getOrDefault("XDG_RUNTIME_DIR", "/tmp");
    List<Path> gates = new ArrayList<>();
    for (String parent : List.of(runtime, "/dev/shm", "/tmp", "/var/tmp")) {
      ids.forEach(id -> gates.add(Path.of(parent, "guard-" + id)));
    }
    gates.removeIf(gate -> !Files.exists(gate));
    return gates;
  }
}
