package dev.guard.cli;

import dev.guard.value.AgentLabels;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * Makes one call of the packaged guard, as a user makes it: a process of its own, with all signals
 * at their defaults, no settings but those of the test, and a deadline.
 */
final class GuardProcess {
  /** The folder that the package phase leaves. */
  static final Path FOLDER = Path.of("target", "guard").toAbsolutePath();

  static final Path GUARD = FOLDER.resolve("bin/guard");

  /** Guards of this JVM put their gates here. */
  static final Path RUNTIME = runtime();

  /** Guards of this JVM keep their history and the logs of detached commands here. */
  static final Path STATE = RUNTIME.resolve("state");

  private static final long ID = ProcessHandle.current().pid();
  private static final AtomicInteger COUNT = new AtomicInteger();
  private static final List<String> ENV = List.of("env", "--default-signal");
  private static final List<String> NOT_OURS =
      List.of("JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS", "MAKEFLAGS", "MAKELEVEL");

  static {
    StartHeld.hold();
  }

  private final ProcessBuilder builder;
  private final List<Path> files = new ArrayList<>();

  private GuardProcess(List<String> argv) {
    List<String> whole = new ArrayList<>(ENV);
    whole.addAll(argv);
    builder = new ProcessBuilder(whole);
    builder.environment().keySet().removeIf(GuardProcess::isSetting);
    builder.environment().put("GUARD", GUARD.toString());
    builder.environment().putAll(places());
    ResidentGateway.start(builder.environment());
    if (!ResidentGateway.isWanted()) {
      // A test is about guard alone, and starts no gateway that others would find, unless it says
      // so.
      builder.environment().put("GUARD_GATEWAY", "off");
    }
    // What another test runs at the same time, or has just run, must not count.
    builder.environment().put("GUARD_BUDGET", "it-" + ID + "-" + COUNT.incrementAndGet());
    builder.redirectInput(new File("/dev/null"));
  }

  /** The variables by which guards of this JVM have files of their own. */
  private static Map<String, String> places() {
    return Map.of(
        "XDG_RUNTIME_DIR", RUNTIME.toString(),
        "XDG_CONFIG_HOME", RUNTIME.resolve("no-settings").toString(),
        "XDG_STATE_HOME", STATE.toString());
  }

  /**
   * What an interactive shell needs in its environment, NAME=VALUE each, so that the gateway of all
   * tests serves what is typed there, and anything else fails; nothing where there is none.
   */
  static List<String> forGateway() {
    if (!ResidentGateway.isWanted()) {
      return List.of();
    }
    Map<String, String> environment = new TreeMap<>(System.getenv());
    environment.putAll(places());
    ResidentGateway.start(environment);
    List<String> entries = new ArrayList<>(List.of("GUARD_GATEWAY=require"));
    places().forEach((name, value) -> entries.add(name + "=" + value));
    return entries;
  }

  private static boolean isSetting(String name) {
    return name.startsWith("GUARD_")
        || name.startsWith("CLAUDEX_")
        || NOT_OURS.contains(name)
        || AgentLabels.variables().contains(name);
  }

  private static Path runtime() {
    try {
      Path directory = Files.createTempDirectory("guard-it-");
      Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(directory)));
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void remove(Path directory) {
    try (Stream<Path> all = Files.walk(directory)) {
      all.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** {@code guard} with these words. */
  static GuardProcess of(String... words) {
    List<String> argv = new ArrayList<>(List.of(GUARD.toString()));
    argv.addAll(List.of(words));
    return new GuardProcess(argv);
  }

  /** Another program in guard's place, in the same world. */
  static GuardProcess program(Path program, List<String> words) {
    List<String> argv = new ArrayList<>(List.of(program.toString()));
    argv.addAll(words);
    return new GuardProcess(argv);
  }

  /** {@code guard exec} with these options, {@code --} and command. */
  static GuardProcess exec(String... arguments) {
    List<String> words = new ArrayList<>(List.of("exec"));
    words.addAll(List.of(arguments));
    return of(words.toArray(String[]::new));
  }

  /**
   * A shell script, in which {@code $GUARD} is guard. Each character up to 255 is one byte, so that
   * the script can have bytes that are no UTF-8, see {@link #quoted}.
   */
  static GuardProcess script(String text, String... arguments) {
    return scriptOf("/bin/sh", text, arguments);
  }

  /** Prepares a Bash script that calls guard. */
  static GuardProcess bash(String text, String... arguments) {
    return scriptOf("bash", text, arguments);
  }

  private static GuardProcess scriptOf(String shell, String text, String... arguments) {
    try {
      Path file = Files.createTempFile(RUNTIME, "script", ".sh");
      Files.write(file, text.getBytes(StandardCharsets.ISO_8859_1));
      List<String> argv = new ArrayList<>(List.of(shell, file.toString()));
      argv.addAll(List.of(arguments));
      GuardProcess process = new GuardProcess(argv);
      process.files.add(file);
      return process;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A word of a shell script that stands for exactly this text. */
  static String quoted(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
  }

  /** Writes a file, each character one byte, and makes it executable. */
  static Path program(Path file, String text) throws IOException {
    Files.write(file, text.getBytes(StandardCharsets.ISO_8859_1));
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  GuardProcess in(Path directory) {
    builder.directory(directory.toFile());
    return this;
  }

  GuardProcess with(String name, String value) {
    builder.environment().put(name, value);
    return this;
  }

  GuardProcess without(String name) {
    builder.environment().remove(name);
    return this;
  }

  /**
   * Puts this directory in place of the store that all guards of the user share: in a mount
   * namespace of its own for root, whose store is not chosen by a variable.
   */
  GuardProcess withStore(Path directory) {
    if (!System.getProperty("user.name").equals("root")) {
      return with("XDG_RUNTIME_DIR", directory.toString());
    }
    String mount = "mkdir -p -m 700 /run/guard && mount --bind \"$0\" /run/guard && exec \"$@\"";
    builder
        .command()
        .addAll(ENV.size(), List.of("unshare", "-m", "sh", "-c", mount, directory.toString()));
    return this;
  }

  /**
   * Calls it in a mount namespace of its own in which no cgroup file system is mounted. Needs root.
   */
  GuardProcess withoutCgroups() {
    return through("unshare", "-m", "sh", "-c", "umount -R -l /sys/fs/cgroup && exec \"$@\"", "sh");
  }

  /** Calls it by way of a program that executes the words that follow its own. */
  GuardProcess through(String... words) {
    builder.command().addAll(ENV.size(), List.of(words));
    return this;
  }

  GuardProcess reading(Path input) {
    builder.redirectInput(input.toFile());
    return this;
  }

  /** Starts it and returns at once. */
  Running start() {
    try {
      Path output = Files.createTempFile(RUNTIME, "stdout", "");
      Path errors = Files.createTempFile(RUNTIME, "stderr", "");
      files.add(output);
      files.add(errors);
      // Files, not pipes: a pipe's end would wait for whoever holds it, and hide what is left.
      builder.redirectOutput(Redirect.to(output.toFile()));
      builder.redirectError(Redirect.to(errors.toFile()));
      return new Running(builder.start(), output, errors, files);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs it to its end. */
  Finished run() {
    return start().await();
  }
}
