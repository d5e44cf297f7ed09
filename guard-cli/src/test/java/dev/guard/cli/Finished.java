package dev.guard.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.List;

/**
 * Tells how a process ended, and what it wrote.
 *
 * @param exit its exit status; 128+n when signal n ended it, as in a shell
 * @param bytes its standard output
 * @param errorBytes its standard error
 */
record Finished(
    int exit,
    @SuppressWarnings("ArrayRecordComponent") byte[] bytes,
    @SuppressWarnings("ArrayRecordComponent") byte[] errorBytes) {

  /** Standard output, each byte one character. */
  String output() {
    return new String(bytes, ISO_8859_1);
  }

  /** Standard error, each byte one character. */
  String errors() {
    return new String(errorBytes, ISO_8859_1);
  }

  /** The lines of standard output. */
  List<String> lines() {
    return output().lines().toList();
  }

  /** The strings of standard output that end in NUL. */
  List<String> strings() {
    return List.of(output().split("\0", -1)).subList(0, output().split("\0", -1).length - 1);
  }
}
