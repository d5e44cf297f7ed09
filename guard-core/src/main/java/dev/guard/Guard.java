package dev.guard;

import dev.guard.command.CommandRunner;
import dev.guard.config.ConfigException;
import dev.guard.config.ConfigLoader;
import dev.guard.config.GuardConfig;
import dev.guard.config.ProgramSettings;
import dev.guard.os.Kernel;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.OsString;
import dev.guard.value.Environment;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;

/**
 * Runs commands inside limits that the kernel enforces. One Guard serves many threads and many
 * commands at once.
 *
 * <pre>{@code
 * try (Guard guard = Guard.open()) {
 *   CommandResult result = guard.run(CommandRequest.of("make", "-j4").capture(1 << 20));
 *   System.out.println(result.exitCode() + " " + result.output().text());
 * }
 * }</pre>
 */
public final class Guard implements AutoCloseable {
  private final CommandRunner runner;
  private final ProgramSettings settings;
  private final CommandLimits limits;
  private final Set<RunningCommand> running = ConcurrentHashMap.newKeySet();
  private boolean closed;

  private Guard(ProgramSettings settings, CommandLimits limits) throws IOException {
    this.settings = settings;
    this.limits = limits;
    this.runner = CommandRunner.with(config(limits));
  }

  /**
   * Opens a Guard with the user's settings, as {@code guard exec} would use them: files of the
   * system, the user and the project of this program's directory, and variables.
   *
   * @throws SettingsException when settings can not be used
   * @throws IOException when this machine can not be looked at, or no lifeline can be started
   */
  public static Guard open() throws IOException {
    return open(CommandLimits.defaults());
  }

  /**
   * Opens a Guard with the user's settings, and these limits laid over them.
   *
   * @throws SettingsException when settings can not be used, or a limit is over a ceiling
   * @throws IOException when this machine can not be looked at, or no lifeline can be started
   */
  public static Guard open(CommandLimits limits) throws IOException {
    Os os = Kernel.system().os();
    ConfigLoader.Inputs inputs =
        new ConfigLoader.Inputs(
            Environment.ofJvm(), workingDirectory(os), Optional.empty(), Map.of());
    try {
      return new Guard(ConfigLoader.forProgram(os, inputs), limits);
    } catch (ConfigException e) {
      throw new SettingsException(e.problems(), e);
    }
  }

  /**
   * Answers the working directory; empty where it was removed: then no project's file is looked
   * for, as for guard exec.
   */
  private static Optional<OsString> workingDirectory(Os os) {
    try {
      return Optional.of(os.workingDirectory());
    } catch (OsException e) {
      return Optional.empty();
    }
  }

  /**
   * Opens a Guard with the built-in settings, and these limits laid over them. No file of settings
   * and no variable is read.
   *
   * @throws IOException when this machine can not be looked at, or no lifeline can be started
   */
  public static Guard with(CommandLimits limits) throws IOException {
    return new Guard(ProgramSettings.builtIn(), limits);
  }

  private GuardConfig config(CommandLimits all) throws SettingsException {
    try {
      return settings.with(all.changes());
    } catch (ConfigException e) {
      throw new SettingsException(e.problems(), e);
    }
  }

  /** Answers a line for each thing that a project's file of settings asks for and may not have. */
  public List<String> notices() {
    return settings.notices();
  }

  /**
   * Starts a command and returns at once.
   *
   * @throws SettingsException when a limit of the request is over a ceiling of the system
   * @throws IOException when not even a pipe can be opened
   * @throws IllegalStateException when this Guard is closed
   */
  public RunningCommand start(CommandRequest request) throws IOException {
    RunningCommand command;
    synchronized (this) {
      if (closed) {
        throw new IllegalStateException("this Guard is closed, it starts nothing any more");
      }
      command = RunningCommand.start(runner, request, configOf(request));
      running.add(command);
    }
    command.result().whenComplete((result, failure) -> running.remove(command));
    return command;
  }

  private GuardConfig configOf(CommandRequest request) throws SettingsException {
    return request.limits().changes().isEmpty()
        ? runner.config()
        : config(limits.and(request.limits()));
  }

  /**
   * Runs a command and waits for its result. Refusals, timeouts and a program that is not there are
   * results.
   *
   * @throws InterruptedException when this thread is interrupted; the command is cancelled then,
   *     and has ended when this is thrown
   * @throws IOException when Guard itself has failed, or as {@link #start} says
   */
  public CommandResult run(CommandRequest request) throws IOException, InterruptedException {
    RunningCommand command = start(request);
    try {
      return command.result().get();
    } catch (InterruptedException e) {
      command.cancel();
      command.result().exceptionally(failure -> null).join();
      throw e;
    } catch (ExecutionException e) {
      throw new IOException(e.getCause().getMessage(), e.getCause());
    }
  }

  /**
   * Cancels the commands that still run or wait, with the cause {@link Cause#CANCELLED}, waits
   * until they have ended, and ends the lifeline. An interrupt cuts the wait short: the lifeline
   * ends them by KILL.
   */
  @Override
  public void close() throws IOException {
    synchronized (this) {
      closed = true;
    }
    List<RunningCommand> left = List.copyOf(running);
    left.forEach(RunningCommand::cancel);
    boolean interrupted = !haveEnded(left);
    try {
      runner.close();
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static boolean haveEnded(List<RunningCommand> commands) {
    try {
      for (RunningCommand command : commands) {
        command.result().exceptionally(failure -> null).get();
      }
      return true;
    } catch (InterruptedException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException("a failure was left in", e);
    }
  }
}
