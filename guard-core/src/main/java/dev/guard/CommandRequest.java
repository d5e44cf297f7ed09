package dev.guard;

import dev.guard.os.OsString;
import dev.guard.value.CommandOutput;
import dev.guard.value.Environment;
import dev.guard.value.Request;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Describes one command to run. Immutable: each method returns a changed copy, so that one request
 * can be the pattern of many.
 *
 * <pre>{@code
 * CommandRequest request =
 *     CommandRequest.of("make", "-j4")
 *         .directory(Path.of("/src"))
 *         .timeout(Duration.ofMinutes(10))
 *         .output(Output.lines(System.out::println));
 * }</pre>
 *
 * <p>The command has the environment and the directory of this program, {@link Input#none no
 * input}, and {@link Output#inherit this program's} output and error, until it is told otherwise.
 * Text goes to the command as UTF-8.
 */
public final class CommandRequest {
  private final Request request;
  private final Output output;
  private final Output error;
  private final CommandLimits limits;
  private final Optional<Duration> queueing;

  private CommandRequest(
      Request request,
      Output output,
      Output error,
      CommandLimits limits,
      Optional<Duration> queueing) {
    this.request = request;
    this.output = output;
    this.error = error;
    this.limits = limits;
    this.queueing = queueing;
  }

  /**
   * Makes a request from a program and its arguments.
   *
   * @param program the program's name, looked up in PATH of the command's environment if it has no
   *     slash
   */
  public static CommandRequest of(String program, String... arguments) {
    List<String> words = new ArrayList<>(List.of(program));
    words.addAll(Arrays.asList(arguments));
    return of(words);
  }

  /**
   * Makes a request from the file of a program and its arguments.
   *
   * @param program the file of a program, seen from this program's directory if it is relative
   */
  public static CommandRequest of(Path program, String... arguments) {
    return of(program.toAbsolutePath().toString(), arguments);
  }

  /** Makes a request from words: a program and its arguments, at least the program. */
  public static CommandRequest of(List<String> words) {
    Request plain =
        Request.of(words.stream().map(OsString::of).toList())
            .withEnvironment(environmentOf(System.getenv()))
            .withInput(Input.none().source());
    return new CommandRequest(
        plain, Output.inherit(), Output.inherit(), CommandLimits.defaults(), Optional.empty());
  }

  private static Environment environmentOf(Map<String, String> variables) {
    return new Environment(
        variables.entrySet().stream()
            .map(e -> OsString.of(e.getKey() + "=" + e.getValue()))
            .toList());
  }

  /** Sets the directory that the command runs in, in the place of this program's own. */
  public CommandRequest directory(Path directory) {
    return with(r -> r.withDirectory(OsString.of(directory.toAbsolutePath().toString())));
  }

  /** Sets the command's environment, in the place of this program's own. Guard adds GUARD_ID. */
  public CommandRequest environment(Map<String, String> variables) {
    return with(r -> r.withEnvironment(environmentOf(variables)));
  }

  /** Adds a variable to the command's environment, or replaces its value. */
  public CommandRequest variable(String name, String value) {
    return with(r -> r.withEnvironment(r.environment().with(name, OsString.of(value))));
  }

  /** Removes a variable from the command's environment. */
  public CommandRequest withoutVariable(String name) {
    return with(r -> r.withEnvironment(r.environment().without(name)));
  }

  /** Sets where the command's standard input comes from. */
  public CommandRequest input(Input input) {
    return with(r -> r.withInput(input.source()));
  }

  /** Sets where the command's standard output goes. */
  public CommandRequest output(Output target) {
    return new CommandRequest(request, target, error, limits, queueing);
  }

  /** Sets where the command's standard error goes. */
  public CommandRequest error(Output target) {
    return new CommandRequest(request, output, target, limits, queueing);
  }

  /** Captures both outputs into the result, up to {@code limit} bytes of each. */
  public CommandRequest capture(int limit) {
    return output(Output.capture(limit)).error(Output.capture(limit));
  }

  /**
   * Lays limits of the command's own over those of the Guard and those that the request has
   * already.
   */
  public CommandRequest limits(CommandLimits own) {
    return new CommandRequest(request, output, error, limits.and(own), queueing);
  }

  /** Sets the command's timeout, short for {@link CommandLimits#timeout}. */
  public CommandRequest timeout(Duration time) {
    return limits(CommandLimits.defaults().timeout(time));
  }

  /**
   * Lets the command wait for a place where its budget has no room, first come, first served among
   * all commands of the user; without this such a command is refused.
   *
   * @param atMost the longest wait, after which the command is refused
   */
  public CommandRequest queueing(Duration atMost) {
    return new CommandRequest(request, output, error, limits, Optional.of(atMost));
  }

  /**
   * Sets the name that people call the command by, in {@code guard ps} too.
   *
   * @param name a letter or digit and then letters, digits, {@code . _ -}, at most 64
   */
  public CommandRequest name(String name) {
    return with(r -> r.withName(name));
  }

  private CommandRequest with(UnaryOperator<Request> change) {
    return new CommandRequest(change.apply(request), output, error, limits, queueing);
  }

  CommandLimits limits() {
    return limits;
  }

  Optional<Duration> queueing() {
    return queueing;
  }

  CommandOutput openOutput() {
    return output.open();
  }

  CommandOutput openError() {
    return error.open();
  }

  Request request() {
    return request;
  }

  @Override
  public String toString() {
    return "request " + request.argv();
  }
}
