package dev.guard.command;

import dev.guard.config.GuardConfig;
import dev.guard.launch.Launch;
import dev.guard.launch.Lifeline;
import dev.guard.limits.Limiter;
import dev.guard.os.Os;
import dev.guard.os.OsString;
import dev.guard.os.Procfs;
import dev.guard.report.Journal;
import dev.guard.report.Receipt;
import dev.guard.report.Recorder;
import dev.guard.store.CommandLog;
import dev.guard.value.AgentLabels;
import dev.guard.value.Request;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A context holds everything that the stages of one command work with.
 *
 * @param runner the parts that the commands of a runner share
 * @param settings the command's settings, and what puts its limits on it
 * @param handle the command as its caller sees it
 * @param recorder collects the command's result
 * @param journal writes what others can read of the command
 * @param strays writes down which processes lose their parent or leave the cgroup
 */
record CommandContext(
    RunnerContext runner,
    CommandSettings settings,
    CommandHandle handle,
    Recorder recorder,
    Journal journal,
    RecordedStrays strays) {
  /** Makes the context of a command that has just been asked for. */
  static CommandContext of(
      RunnerContext runner,
      GuardConfig config,
      Limiter limiter,
      CommandHandle handle,
      Journal journal) {
    Request request = handle.request();
    Recorder recorder = new Recorder(handle.id(), config, request, handle.requested());
    Optional<OsString> directory = request.directory();
    recorder.directory(directory.isPresent() ? directory : runner.caller().directory());
    recorder.labels(AgentLabels.of(runner.caller()::variable));
    RecordedStrays strays =
        new RecordedStrays(
            handle.id(), runner.procfs(), runner.lifeline(), journal, recorder::note);
    CommandSettings settings = new CommandSettings(config, limiter);
    return new CommandContext(runner, settings, handle, recorder, journal, strays);
  }

  String id() {
    return handle.id();
  }

  GuardConfig config() {
    return settings.config();
  }

  Limiter limiter() {
    return settings.limiter();
  }

  /** Lowers the limits to those of the reserve of a full budget, before there is a process. */
  void lowerToReserve() {
    settings.lowerToReserve();
    recorder.settings(settings.config());
  }

  Request request() {
    return handle.request();
  }

  Os os() {
    return runner.os();
  }

  Procfs procfs() {
    return runner.procfs();
  }

  Lifeline lifeline() {
    return runner.lifeline();
  }

  Caller caller() {
    return runner.caller();
  }

  Optional<CommandLog> log() {
    return runner.log();
  }

  /** Tells whether the command has exec'd, so that its caller knows its id. */
  boolean hasRun() {
    CompletableFuture<?> released = handle.released();
    return released.isDone() && !released.isCompletedExceptionally();
  }

  /** Answers the way in which the command's process is made. */
  Launch launch() {
    return runner.launch();
  }

  /** Writes into the receipt where the command is counted. */
  void registry(String problem, String uncounted) {
    recorder.layer(
        Receipt.registry(config(), limiter().outer(), settings.inReserve(), problem, uncounted));
  }

  /** Notes that the command has no record: it is counted, but nobody finds it. */
  void unrecorded(String problem) {
    if (!problem.isEmpty()) {
      recorder.note("record: " + problem);
      Receipt.unrecorded(config(), problem).ifPresent(recorder::layer);
    }
  }

  /** Says for a message what has failed. */
  static String text(Throwable e) {
    return e.getMessage() == null ? e.toString() : e.getMessage();
  }
}
