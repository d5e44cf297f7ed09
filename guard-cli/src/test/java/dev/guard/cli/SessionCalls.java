package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Calls {@code guard session}, and tmux on the servers that it has started. */
final class SessionCalls implements AfterEachCallback {
  /** Root's guards have the sockets here; those of others are below their runtime directory. */
  private static final Path SOCKETS =
      (System.getProperty("user.name").equals("root")
              ? Path.of("/run/guard")
              : GuardProcess.RUNTIME.resolve("guard"))
          .resolve("sessions");

  private static final AtomicInteger COUNT = new AtomicInteger();

  private final List<String> names = new ArrayList<>();

  /** A name that no other test has. */
  String name() {
    String name = "it-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet();
    names.add(name);
    return name;
  }

  @Override
  public void afterEach(ExtensionContext context) {
    // One that is not known would keep the others from being stopped.
    names.removeIf(
        n -> Stream.of(".json", ".sock").noneMatch(e -> Files.exists(SOCKETS.resolve(n + e))));
    if (!names.isEmpty()) {
      List<String> words = new ArrayList<>(List.of("session", "stop", "--grace=0"));
      words.addAll(names);
      String said = GuardProcess.of(words.toArray(String[]::new)).run().errors();
      names.forEach(n -> assertThat(SOCKETS.resolve(n + ".json")).as(said).doesNotExist());
      names.forEach(n -> assertThat(SOCKETS.resolve(n + ".sock")).as(said).doesNotExist());
    }
  }

  /** {@code guard session start NAME} with these options, {@code --} and command. */
  static GuardProcess starting(String name, String... arguments) {
    List<String> words = new ArrayList<>(List.of("session", "start", name));
    words.addAll(List.of(arguments));
    return GuardProcess.of(words.toArray(String[]::new));
  }

  /** The id of the command of a session that starts. */
  static String start(String name, String... arguments) {
    return id(starting(name, arguments).run());
  }

  static String id(Finished started) {
    assertThat(started.exit()).as(started.errors()).isZero();
    assertThat(started.output()).matches("[0-9a-f]{16}\n");
    return started.output().strip();
  }

  /** Answers what {@code guard session list} has of a session. */
  static Optional<JsonObject> listed(String name) {
    Finished f = GuardProcess.of("session", "list", "--json").run();
    assertThat(f.exit()).as(f.errors()).isZero();
    for (JsonElement one : JsonParser.parseString(f.output()).getAsJsonArray()) {
      if (one.getAsJsonObject().get("name").getAsString().equals(name)) {
        return Optional.of(one.getAsJsonObject());
      }
    }
    return Optional.empty();
  }

  /** Answers the state of a session, or "none". */
  static String state(String name) {
    return listed(name).map(s -> s.get("state").getAsString()).orElse("none");
  }

  static Path socket(String server) {
    return SOCKETS.resolve(server + ".sock");
  }

  /** Calls tmux on a server. */
  static String tmux(String server, String... words) {
    List<String> argv = new ArrayList<>(List.of("tmux", "-S", socket(server).toString()));
    argv.addAll(List.of(words));
    try {
      Process process =
          new ProcessBuilder(argv)
              .redirectErrorStream(true)
              .redirectInput(Path.of("/dev/null").toFile())
              .start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as("%s: %s", argv, said).isZero();
      return said.strip();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The process of a server. */
  static String serverOf(String server) {
    return tmux(server, "display-message", "-p", "#{pid}");
  }

  /** Answers what a file has, once it has as many lines. */
  static List<String> lines(Path file, int count) {
    Polling.until(
        file + " has " + count + " lines",
        () -> Files.exists(file) && Files.readAllLines(file).size() >= count);
    return MachineRemains.text(file).lines().toList();
  }
}
