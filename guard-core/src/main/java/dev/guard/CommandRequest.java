package dev.guard;

import dev.guard.os.OsString;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * One command to run. Immutable; the {@code with} methods return changed copies.
 *
 * @param argv the program and its arguments, at least one; a program without a slash is looked up
 *     in PATH of {@code environment}
 * @param directory the working directory, or empty for the caller's
 * @param environment the variables; Guard adds GUARD_ID
 * @param input what it reads
 * @param output where its standard output goes
 * @param error where its standard error goes
 * @param descriptors descriptors of this process above 2 that the command gets under the same
 *     number
 * @param ignoredSignals bit n-1 set: signal n stays ignored in the command; all others are at their
 *     default
 * @param beforeRelease called with the pid when the command is held inside its limits and has not
 *     run yet
 * @param queueing how it waits where its budget has no room; empty: it is refused
 */
public record CommandRequest(
    List<OsString> argv,
    Optional<OsString> directory,
    Environment environment,
    CommandInput input,
    CommandOutput output,
    CommandOutput error,
    List<Integer> descriptors,
    long ignoredSignals,
    BeforeRelease beforeRelease,
    Optional<Queueing> queueing) {

  /** A last step before a command may run. An exception ends the command unrun. */
  @FunctionalInterface
  public interface BeforeRelease {
    /**
     * Called on the command's own thread, with the pid, which is also the process group. Called a
     * second time, with another pid, for a script without an interpreter line, which the shell
     * runs.
     */
    void held(int pid) throws Exception;
  }

  /** Checks and copies. */
  public CommandRequest {
    argv = List.copyOf(argv);
    descriptors = List.copyOf(descriptors);
    if (argv.isEmpty()) {
      throw new IllegalArgumentException("argv: a command needs at least the name of a program");
    }
    if (descriptors.stream().anyMatch(fd -> fd <= 2)) {
      throw new IllegalArgumentException("descriptors: 0, 1 and 2 are input, output and error");
    }
  }

  /**
   * A program and its arguments, encoded as UTF-8, with this JVM's environment, directory and
   * standard streams.
   */
  public static CommandRequest of(String... argv) {
    return of(Arrays.stream(argv).map(OsString::of).toList());
  }

  /** A program and its arguments, with this JVM's environment, directory and standard streams. */
  public static CommandRequest of(List<OsString> argv) {
    return new CommandRequest(
        argv,
        Optional.empty(),
        Environment.ofJvm(),
        new CommandInput.Inherit(),
        new CommandOutput.Inherit(),
        new CommandOutput.Inherit(),
        List.of(),
        0,
        pid -> {},
        Optional.empty());
  }

  /** With another working directory. */
  public CommandRequest withDirectory(OsString to) {
    return new CommandRequest(
        argv,
        Optional.of(to),
        environment,
        input,
        output,
        error,
        descriptors,
        ignoredSignals,
        beforeRelease,
        queueing);
  }

  /** With another environment. */
  public CommandRequest withEnvironment(Environment to) {
    return new CommandRequest(
        argv,
        directory,
        to,
        input,
        output,
        error,
        descriptors,
        ignoredSignals,
        beforeRelease,
        queueing);
  }

  /** With another standard input. */
  public CommandRequest withInput(CommandInput to) {
    return new CommandRequest(
        argv,
        directory,
        environment,
        to,
        output,
        error,
        descriptors,
        ignoredSignals,
        beforeRelease,
        queueing);
  }

  /** With another standard output and error. */
  public CommandRequest withOutput(CommandOutput out, CommandOutput err) {
    return new CommandRequest(
        argv,
        directory,
        environment,
        input,
        out,
        err,
        descriptors,
        ignoredSignals,
        beforeRelease,
        queueing);
  }

  /** With nothing on its input and both outputs captured, up to {@code limit} bytes each. */
  public CommandRequest capturing(int limit) {
    return withInput(new CommandInput.Empty())
        .withOutput(new CommandOutput.Capture(limit), new CommandOutput.Capture(limit));
  }

  /** With descriptors above 2 passed on, and signals that stay ignored. */
  public CommandRequest inheriting(List<Integer> passed, long ignored) {
    return new CommandRequest(
        argv,
        directory,
        environment,
        input,
        output,
        error,
        passed,
        ignored,
        beforeRelease,
        queueing);
  }

  /** With a last step before release. */
  public CommandRequest withBeforeRelease(BeforeRelease hook) {
    return new CommandRequest(
        argv,
        directory,
        environment,
        input,
        output,
        error,
        descriptors,
        ignoredSignals,
        hook,
        queueing);
  }

  /** Waiting in its budget's queue where there is no room. */
  public CommandRequest queueing(Queueing how) {
    return new CommandRequest(
        argv,
        directory,
        environment,
        input,
        output,
        error,
        descriptors,
        ignoredSignals,
        beforeRelease,
        Optional.of(how));
  }
}
