package dev.guard.cli.shared;

import dev.guard.os.OsString;
import dev.guard.os.Procfs;
import dev.guard.value.Environment;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * An invocation says how this process was called, byte for byte: Java itself shows it decoded,
 * lossily in the C locale.
 *
 * @param arguments the arguments of guard
 * @param environment the environment guard was called with, before a shell touched it
 * @param descriptors the caller's open descriptors above 2
 * @param ignoredSignals bit n-1: the caller had signal n ignored
 */
public record Invocation(
    List<OsString> arguments,
    Environment environment,
    List<Integer> descriptors,
    long ignoredSignals) {
  /**
   * The prefix of variables in which lib/guard-java passes the environment in pieces, since one
   * string may have at most 128 KiB; see there.
   */
  private static final String PIECE = "_guard_environ_";

  /**
   * The variable to whose name the first line of lib/guard-java has changed SHELLOPTS, so that no
   * shell acts on it; empty when there was none.
   */
  private static final String SHELL_OPTIONS = "_guard_shellopts";

  private static final String DESCRIPTORS = "guard.descriptors";

  /**
   * The system property with the signals that the shell of lib/guard-java found ignored: the JVM
   * catches some of them.
   */
  private static final String IGNORED = "guard.ignored";

  /** Answers the invocation of this process, whose main method got {@code count} arguments. */
  public static Invocation ofThisProcess(int count) throws IOException {
    Procfs procfs = Procfs.system();
    int pid = Math.toIntExact(ProcessHandle.current().pid());
    List<OsString> all = procfs.arguments(pid).orElseThrow();
    List<OsString> arguments = all.subList(all.size() - count, all.size());
    Environment own = new Environment(procfs.environment(pid).orElseThrow());
    return new Invocation(
        List.copyOf(arguments),
        withShellOptions(original(own).orElse(own)),
        numbers(DESCRIPTORS),
        procfs.ignoredSignals() | Long.getLong(IGNORED, 0));
  }

  /** Answers whether the arguments begin with these words. */
  public boolean begins(String... words) {
    List<OsString> wanted = Arrays.stream(words).map(OsString::of).toList();
    return arguments.size() >= words.length && arguments.subList(0, words.length).equals(wanted);
  }

  private static Optional<Environment> original(Environment own) {
    StringBuilder base64 = new StringBuilder();
    for (int i = 0; own.get(PIECE + i).isPresent(); i++) {
      base64.append(own.get(PIECE + i).get());
    }
    if (own.get(PIECE + 0).isEmpty()) {
      return Optional.empty();
    }
    byte[] bytes =
        Base64.getMimeDecoder().decode(base64.toString().getBytes(StandardCharsets.US_ASCII));
    return Optional.of(new Environment(Procfs.splitAtNul(bytes)));
  }

  private static Environment withShellOptions(Environment passed) {
    Optional<OsString> options = passed.get(SHELL_OPTIONS).filter(o -> o.length() > 0);
    Environment without = passed.without(SHELL_OPTIONS);
    return options.isEmpty() ? without : without.with("SHELLOPTS", options.get());
  }

  private static List<Integer> numbers(String property) {
    Stream<String> names = Arrays.stream(System.getProperty(property, "").split(",", -1));
    return names.filter(s -> !s.isEmpty()).map(Integer::valueOf).sorted().toList();
  }
}
