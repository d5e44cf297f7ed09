package dev.guard.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What a command can leave on a machine: processes, cgroups, gates. */
final class MachineRemains {
  private static final Path PROC = Path.of("/proc");

  private MachineRemains() {}

  /** The live processes that have this NAME=VALUE in the environment they were started with. */
  static List<Long> processesWith(String entry) {
    List<Long> found = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (Path process : all) {
        // A zombie has no environment any more.
        if (("\0" + text(process.resolve("environ"))).contains("\0" + entry + "\0")) {
          found.add(Long.valueOf(process.getFileName().toString()));
        }
      }
      return found;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A file of the kernel's, each byte one character; empty when the process has gone. */
  static String text(Path file) {
    try {
      return Files.readString(file, ISO_8859_1);
    } catch (IOException e) {
      return "";
    }
  }

  /** The cgroups of commands, in every hierarchy of this machine. */
  static Set<Path> cgroups() {
    Set<Path> found = new TreeSet<>();
    text(PROC.resolve("self/mountinfo"))
        .lines()
        .filter(l -> l.contains(" - cgroup"))
        .map(l -> Path.of(l.split(" ", -1)[4]))
        .forEach(mount -> find(mount, found));
    return found;
  }

  /** The cgroups of one command. */
  static List<Path> cgroups(String id) {
    return cgroups().stream().filter(c -> c.endsWith("cmd_" + id)).toList();
  }

  /** Whether no process is in this cgroup. */
  static boolean isEmpty(Path cgroup) {
    return text(cgroup.resolve("cgroup.procs")).isEmpty();
  }

  private static void find(Path below, Set<Path> found) {
    try {
      Files.walkFileTree(
          below,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path at, BasicFileAttributes attributes) {
              if (at.getFileName().toString().startsWith("cmd_")) {
                found.add(at);
                return FileVisitResult.SKIP_SUBTREE;
              }
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) {
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path at, IOException e) {
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The gates of guards that this JVM started. */
  static List<Path> gates() {
    List<Path> gates = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(GuardProcess.RUNTIME, "guard-*")) {
      all.forEach(gates::add);
      return gates;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
