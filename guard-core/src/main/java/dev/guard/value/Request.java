package dev.guard.value;

import dev.guard.os.OsString;
import dev.guard.os.Signals;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * Describes one command to run. Immutable; the {@code with} methods return changed copies.
 *
 * @param argv the program and its arguments, at least one; a program without a slash is looked up
 *     in PATH of {@code environment}
 * @param directory the working directory, or empty for the caller's
 * @param environment the variables; Guard adds GUARD_ID
 * @param input the source of the command's standard input
 * @param output the target of the command's standard output
 * @param error the target of the command's standard error
 * @param descriptors descriptors of this process above 2 that the command gets under the same
 *     number
 * @param ignoredSignals bit n-1 set: signal n stays ignored in the command; all others are at their
 *     default
 * @param beforeRelease called with the pid when the command is held inside its limits and has not
 *     run yet
 * @param queueing how the command waits where its budget has no room; empty: it is refused
 * @param name the name that people call the command by, a letter or digit and then letters, digits,
 *     {@code . _ -}, at most 64; empty: it has only its id
 * @param foreground whether the command stays in the process group of this process, as a child that
 *     reads the terminal together with it must; else it leads one of its own
 * @param timeoutSignal the signal that the command's processes get at its timeout, 1 to 64
 */
public record Request(
    List<OsString> argv,
    Optional<OsString> directory,
    Environment environment,
    CommandInput input,
    CommandOutput output,
    CommandOutput error,
    List<Integer> descriptors,
    long ignoredSignals,
    BeforeRelease beforeRelease,
    Optional<Queueing> queueing,
    Optional<String> name,
    boolean foreground,
    int timeoutSignal) {

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

  /** Makes a last step before a command may run. An exception ends the command unrun. */
  @FunctionalInterface
  public interface BeforeRelease {
    /**
     * Makes the step on the command's own thread, with the pid, which is also the process group,
     * but for a command in the foreground. The step is made a second time, with another pid, for a
     * script without an interpreter line, which the shell runs.
     */
    void held(int pid) throws Exception;
  }

  /** Checks and copies the parts. */
  public Request {
    argv = List.copyOf(argv);
    descriptors = List.copyOf(descriptors);
    if (argv.isEmpty()) {
      throw new IllegalArgumentException("argv: a command needs at least the name of a program");
    }
    if (descriptors.stream().anyMatch(fd -> fd <= 2)) {
      throw new IllegalArgumentException("descriptors: 0, 1 and 2 are input, output and error");
    }
    if (timeoutSignal < 1 || timeoutSignal > Signals.LAST) {
      throw new IllegalArgumentException("timeoutSignal: " + timeoutSignal + " is not 1 to 64");
    }
    if (name.isPresent() && !isName(name.get())) {
      throw new IllegalArgumentException(
          "name: "
              + name.get()
              + " must be a letter or digit and then up to 63 letters, digits, dots, _ or -");
    }
  }

  /**
   * Makes a request from a program and its arguments, encoded as UTF-8, with this JVM's
   * environment, directory and standard streams.
   */
  public static Request of(String... argv) {
    return of(Arrays.stream(argv).map(OsString::of).toList());
  }

  /**
   * Makes a request from a program and its arguments, with this JVM's environment, directory and
   * standard streams.
   */
  public static Request of(List<OsString> argv) {
    return new Request(
        argv,
        Optional.empty(),
        Environment.ofJvm(),
        new CommandInput.Inherit(),
        new CommandOutput.Inherit(),
        new CommandOutput.Inherit(),
        List.of(),
        0,
        pid -> {},
        Optional.empty(),
        Optional.empty(),
        false,
        Signals.TERM);
  }

  /** Answers the request with another working directory. */
  public Request withDirectory(OsString to) {
    return with(p -> p.directory = Optional.of(to));
  }

  /** Answers the request with another environment. */
  public Request withEnvironment(Environment to) {
    return with(p -> p.environment = to);
  }

  /** Answers the request with another standard input. */
  public Request withInput(CommandInput to) {
    return with(p -> p.input = to);
  }

  /** Answers the request with another standard output and error. */
  public Request withOutput(CommandOutput out, CommandOutput err) {
    return with(
        p -> {
          p.output = out;
          p.error = err;
        });
  }

  /**
   * Answers the request with nothing on its input and both outputs captured, up to {@code limit}
   * bytes each.
   */
  public Request capturing(int limit) {
    return withInput(new CommandInput.Empty())
        .withOutput(new CommandOutput.Capture(limit), new CommandOutput.Capture(limit));
  }

  /** Answers the request with descriptors above 2 passed on, and signals that stay ignored. */
  public Request inheriting(List<Integer> passed, long ignored) {
    return with(
        p -> {
          p.descriptors = passed;
          p.ignoredSignals = ignored;
        });
  }

  /** Answers the request with a last step before release. */
  public Request withBeforeRelease(BeforeRelease hook) {
    return with(p -> p.beforeRelease = hook);
  }

  /** Answers the request for a command that waits in its budget's queue where there is no room. */
  public Request queueing(Queueing how) {
    return with(p -> p.queueing = Optional.of(how));
  }

  /**
   * Answers the request for a command in the process group of this process, not in one of its own.
   */
  public Request inForeground() {
    return with(p -> p.foreground = true);
  }

  /** Answers the request with another signal than TERM at its timeout. */
  public Request withTimeoutSignal(int signal) {
    return with(p -> p.timeoutSignal = signal);
  }

  /** Tells whether a text can be a command's name. */
  public static boolean isName(String text) {
    return NAME.matcher(text).matches();
  }

  /** Answers the request with a name for people. */
  public Request withName(String to) {
    return with(p -> p.name = Optional.of(to));
  }

  private Request with(Consumer<Parts> change) {
    Parts p = new Parts(this);
    change.accept(p);
    return new Request(
        argv,
        p.directory,
        p.environment,
        p.input,
        p.output,
        p.error,
        p.descriptors,
        p.ignoredSignals,
        p.beforeRelease,
        p.queueing,
        p.name,
        p.foreground,
        p.timeoutSignal);
  }

  /** Holds the parts that can be changed. */
  private static final class Parts {
    private Optional<OsString> directory;
    private Environment environment;
    private CommandInput input;
    private CommandOutput output;
    private CommandOutput error;
    private List<Integer> descriptors;
    private long ignoredSignals;
    private BeforeRelease beforeRelease;
    private Optional<Queueing> queueing;
    private Optional<String> name;
    private boolean foreground;
    private int timeoutSignal;

    Parts(Request r) {
      directory = r.directory;
      environment = r.environment;
      input = r.input;
      output = r.output;
      error = r.error;
      descriptors = r.descriptors;
      ignoredSignals = r.ignoredSignals;
      beforeRelease = r.beforeRelease;
      queueing = r.queueing;
      name = r.name;
      foreground = r.foreground;
      timeoutSignal = r.timeoutSignal;
    }
  }
}
