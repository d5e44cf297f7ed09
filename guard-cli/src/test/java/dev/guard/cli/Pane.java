package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Runs an interactive bash on a real terminal, in a tmux server of its own: what a user types and
 * sees. Needs tmux, bash, perl and the built folder target/guard.
 *
 * <p>The prompt is {@code <STATUS>}, so that {@code <0>} with nothing behind it says that the shell
 * waits for input and that the last command returned 0.
 */
final class Pane implements BeforeEachCallback, AfterEachCallback {
  // A JVM has QUIT blocked in what it starts, and a terminal's shell has not.
  private static final String UNBLOCKED =
      " perl -MPOSIX -e 'sigprocmask(SIG_SETMASK, POSIX::SigSet->new); exec @ARGV' ";
  private static final AtomicInteger COUNT = new AtomicInteger();

  private String server;
  private Path directory;

  @Override
  public void beforeEach(ExtensionContext context) throws Exception {
    server = "guardtest-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet();
    directory = Files.createTempDirectory("guard-pane-");
    Path guard = Path.of("target/guard/bin").toAbsolutePath();
    assertThat(guard.resolve("guard")).isExecutable();
    String shell =
        "exec env PATH="
            + guard
            + ":$PATH LC_ALL=C.UTF-8 PS1='<$?>' HISTFILE= LESS= VIMINIT= "
            + String.join(" ", GuardProcess.forGateway())
            + UNBLOCKED
            + "bash --norc --noprofile -i";
    tmux(
        "-f",
        "/dev/null",
        "new-session",
        "-d",
        "-x",
        "150",
        "-y",
        "40",
        "-c",
        directory.toString(),
        shell);
    awaitPrompt(0);
  }

  @Override
  public void afterEach(ExtensionContext context) throws Exception {
    tmux("kill-server");
    try (var files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(directory);
  }

  /** A file in the shell's working directory. */
  Path file(String name) {
    return directory.resolve(name);
  }

  /** Types a line and Enter. */
  void type(String line) {
    keys(line);
    key("Enter");
  }

  /** Types characters. */
  void keys(String characters) {
    tmux("send-keys", "-l", characters);
  }

  /** Types one key, by tmux's name for it. */
  void key(String name) {
    tmux("send-keys", name);
  }

  void resize(int columns, int rows) {
    tmux("resize-window", "-x", Integer.toString(columns), "-y", Integer.toString(rows));
  }

  /** Closes the terminal, as when a window is closed. */
  void hangUp() {
    tmux("new-session", "-d", "-s", "keeps-the-server", "cat");
    tmux("kill-session", "-t", "0");
  }

  /** Runs a command line to its end; its lines of output are {@link #lines} then. */
  void run(String line, int status) {
    clear();
    type(line);
    // The prompt that was there before is a line of its own, with the command behind it.
    awaitScreen("the end of " + line, lines -> lines.size() > 1);
    awaitPrompt(status);
  }

  private void clear() {
    type("clear");
    awaitScreen("a clear screen", lines -> lines.equals(List.of("<0>")));
  }

  /** Types fg, and waits until the stopped job has the terminal and runs again. */
  void foreground() {
    clear();
    type("fg");
    awaitScreen("the job in the foreground", lines -> !shellHasTerminal() && noneIsStopped());
  }

  private boolean shellHasTerminal() {
    String shell = tmux("display-message", "-p", "#{pane_pid}").strip();
    return execute(List.of("ps", "-p", shell, "-o", "tpgid=")).strip().equals(shell);
  }

  /** Waits until guard itself is stopped, and the shell says so of its job before a prompt. */
  void awaitReportOfStop() {
    await("guard stopped", () -> states().stream().anyMatch(s -> s.matches("T.*(java|guard)")));
    type("");
    awaitLineStart("[1]+  Stopped ");
  }

  /** Waits until every job has gone on. */
  void awaitNoneStopped() {
    await("no job is stopped", this::noneIsStopped);
  }

  private boolean noneIsStopped() {
    return states().stream().noneMatch(s -> s.startsWith("T"));
  }

  private List<String> states() {
    String terminal = tmux("display-message", "-p", "#{pane_tty}").strip();
    return execute(List.of("ps", "-t", terminal, "-o", "stat=,comm=")).lines().toList();
  }

  /** Waits until the shell prompts, after a command with this status. */
  void awaitPrompt(int status) {
    awaitScreen(
        "the prompt <" + status + ">",
        lines -> !lines.isEmpty() && lines.get(lines.size() - 1).endsWith("<" + status + ">"));
  }

  /** Waits for a whole line on the screen, which an echoed command line is not. */
  void awaitLine(String line) {
    awaitScreen("the line " + line, lines -> lines.contains(line));
  }

  /** Waits for a line that begins so. */
  void awaitLineStart(String start) {
    awaitScreen(
        "a line that begins with " + start,
        lines -> lines.stream().anyMatch(l -> l.startsWith(start)));
  }

  void awaitScreen(String what, Predicate<List<String>> condition) {
    await(what, () -> condition.test(lines()));
  }

  /** Waits for a file that is not empty, which a command writes. */
  void awaitFile(String name) {
    await("the file " + name, () -> Files.exists(file(name)) && Files.size(file(name)) > 0);
  }

  private void await(String what, Callable<Boolean> condition) {
    try {
      Polling.until(what, condition);
    } catch (AssertionError e) {
      throw new AssertionError(e.getMessage() + "; on the screen is\n" + screen(), e);
    }
  }

  /** The lines of the screen, without trailing empty ones. */
  List<String> lines() {
    return screen().lines().map(String::stripTrailing).filter(l -> !l.isEmpty()).toList();
  }

  private String screen() {
    return tmux("capture-pane", "-p");
  }

  private String tmux(String... arguments) {
    List<String> command = new ArrayList<>(List.of("tmux", "-L", server));
    command.addAll(List.of(arguments));
    return execute(command);
  }

  private static String execute(List<String> command) {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectInput(Path.of("/dev/null").toFile())
              .start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as("%s: %s", command, output).isZero();
      return output;
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
