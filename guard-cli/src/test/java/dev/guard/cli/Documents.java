package dev.guard.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Finds the project's documents for tests, from their module. */
final class Documents {
  static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  private Documents() {}

  static String text(String path) {
    try {
      return Files.readString(ROOT.resolve(path));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A manual page with the escapes of roff taken out. */
  static String manual(String name) {
    return text("docs/man/" + name).replace("\\-", "-").replaceAll("\\\\f[A-Z]", "");
  }

  /** Every page of Markdown: those of the root and of docs. */
  static List<Path> pages() throws IOException {
    try (Stream<Path> root = Files.list(ROOT);
        Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
      return Stream.concat(root, docs).filter(p -> p.toString().endsWith(".md")).sorted().toList();
    }
  }

  static String allPages() throws IOException {
    return pages().stream()
        .map(p -> text(ROOT.relativize(p).toString()))
        .collect(Collectors.joining("\n"));
  }
}
