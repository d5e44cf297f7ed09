package dev.guard.report;

import dev.guard.Cause;
import dev.guard.ExitStatus;
import dev.guard.Layer;
import dev.guard.LayerName;
import dev.guard.Outcome;
import dev.guard.cgroup.CommandCgroup;
import dev.guard.config.GuardConfig;
import dev.guard.os.MainProcess;
import dev.guard.os.OsString;
import dev.guard.os.Procfs;
import dev.guard.os.WaitStatus;
import dev.guard.value.AgentLabels;
import dev.guard.value.Ending;
import dev.guard.value.Request;
import dev.guard.value.Result;
import dev.guard.value.Result.Captured;
import dev.guard.value.Result.Stray;
import dev.guard.value.Result.Survivor;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Collects what happened to a command, stage after stage, and makes the one result of it. Times are
 * monotonic.
 */
public final class Recorder {
  /** Lists classes that the end of a command needs, to be loaded while there are descriptors. */
  public static final List<Class<?>> CLASSES = List.of(Recorder.class, OutcomeLines.class);

  private final String id;
  private GuardConfig config;
  private final Request request;
  private final Instant requested;
  private final Map<LayerName, Layer> layers = new EnumMap<>(LayerName.class);
  private AgentLabels labels = AgentLabels.NONE;
  private final List<String> notices = new ArrayList<>();
  private Optional<OsString> directory = Optional.empty();
  private Outcome outcome;
  private final KernelCounters counters = new KernelCounters();
  private Duration waited = Duration.ZERO;
  private long released;
  private long ended;
  private long reaped;
  private List<Leftover> leftoversKilled = List.of();
  private int leftoversKept;
  private List<Stray> strays = List.of();
  private List<Survivor> survivors = List.of();
  private final List<String> notes = new ArrayList<>();
  private List<Captured> captured = List.of(Captured.NONE, Captured.NONE);

  /** Begins the record of a request. */
  public Recorder(String id, GuardConfig config, Request request, Instant requested) {
    this.id = id;
    this.config = config;
    this.request = request;
    this.requested = requested;
  }

  /** Notes which agent has started the command. */
  public void labels(AgentLabels of) {
    labels = of;
  }

  /** Answers which agent has started the command. */
  public AgentLabels labels() {
    return labels;
  }

  /** Takes other settings, which the command has got before it has a process. */
  public void settings(GuardConfig other) {
    config = other;
  }

  /** Notes where the command ran; empty when its directory had been removed. */
  public void directory(Optional<OsString> at) {
    directory = at;
  }

  /** Answers where the command runs. */
  public Optional<OsString> directory() {
    return directory;
  }

  /** Notes something to tell beside the command's outcome; empty: nothing. */
  public void notice(String text) {
    if (!text.isEmpty()) {
      notices.add(text);
    }
  }

  /** Notes something that Guard did to the command, which nobody hears who wants it quiet. */
  public void done(String text) {
    if (config.messages() != GuardConfig.MessageLevel.QUIET) {
      notice(text);
    }
  }

  /** Notes something that went wrong beside the command; empty: nothing. */
  public void note(String text) {
    if (!text.isEmpty()) {
      notes.add(text);
    }
  }

  /** Answers the receipt so far. */
  public List<Layer> layers() {
    return List.copyOf(layers.values());
  }

  /** Adds a line to the receipt. */
  public void layer(Layer layer) {
    layers.put(layer.name(), layer);
  }

  /** Tells whether a layer is in force. */
  public boolean isActive(LayerName name) {
    return layers.containsKey(name) && layers.get(name).state() == Layer.State.ACTIVE;
  }

  /** Answers which required layers are not active, each as a line for people. */
  public List<String> missing(Set<LayerName> required) {
    return layers.values().stream()
        .filter(l -> required.contains(l.name()) && l.state() != Layer.State.ACTIVE)
        .map(
            l ->
                "required layer " + l.name().text() + " is " + l.state().text() + ": " + l.detail())
        .toList();
  }

  /** Notes how long the rate limit has held the command back so far. */
  public void waited(Duration so) {
    waited = so;
  }

  /** Notes the moment of the release. */
  public void released() {
    released = System.nanoTime();
  }

  /** Notes what is known of a command that was released by another process, at that moment. */
  public void resumed(long at, List<Layer> receipt) {
    released = at;
    receipt.forEach(this::layer);
  }

  /** Answers when the command's time is over, by {@link System#nanoTime}. */
  public long deadline(Duration timeout) {
    return released + timeout.toNanos();
  }

  /** Notes that the wait for the main process is over. */
  public void ended() {
    ended = System.nanoTime();
  }

  /** Notes that the tree has been proved empty, or is kept. */
  public void reaped() {
    reaped = System.nanoTime();
  }

  /** Identifies a process that outlived the main one. */
  public record Leftover(int pid, String command) {}

  /** Notes the processes that outlived the main one and were ended. */
  public void leftoversKilled(List<Leftover> ended) {
    leftoversKilled = ended;
  }

  /** Notes how many processes outlived the main one and were left. */
  public void leftoversKept(int count) {
    leftoversKept = count;
  }

  /** Tells whether processes were left on purpose. */
  public boolean keepsLeftovers() {
    return leftoversKept > 0;
  }

  /** Notes the processes that had left the cgroup. */
  public void strays(List<Stray> seen) {
    strays = seen;
  }

  /** Notes the processes that could not be ended. */
  public void survivors(List<Survivor> left) {
    survivors = left;
    if (outcome != null) {
      ofSurvivors().forEach(this::failed);
    }
  }

  /** Tells whether there are processes that could not be ended. */
  public boolean hasSurvivors() {
    return !survivors.isEmpty();
  }

  /** Takes the captured bytes of standard output and error. */
  public void output(List<Captured> outputAndError) {
    captured = outputAndError;
  }

  /** Adds the bytes that a log, in the place of captured output, has lost; 0: nothing. */
  public void lostByLog(long bytes, String problem) {
    note(problem);
    Captured first = captured.get(0);
    captured = List.of(new Captured(first.bytes(), first.dropped() + bytes), captured.get(1));
  }

  /**
   * Reads how many tasks the kernel refused and how many processes it killed for memory, before
   * Guard itself stops the tree from forking.
   */
  public void refusals(CommandCgroup cgroup) throws IOException {
    counters.refusals(cgroup);
  }

  /** Reads the kernel's other counters; the cgroup must still be there. */
  public void usage(MainProcess main, CommandCgroup cgroup, Procfs procfs) throws IOException {
    counters.usage(main, cgroup, procfs);
  }

  /** Notes the outcome of a command that ended before it ran, or could not run. */
  public void outcome(Outcome of) {
    outcome = of;
  }

  /**
   * Notes the outcome of a command that ran: the single cause, from the event that ended the wait,
   * how the process ended, and the kernel's counters.
   */
  public void outcome(Ending event, WaitStatus status) {
    Cause cause = cause(event, status);
    outcome = new Outcome.Ran(cause, exit(status), messages(event.reason(), status, cause));
  }

  private static Optional<ExitStatus> exit(WaitStatus status) {
    return status == null
        ? Optional.empty()
        : Optional.of(new ExitStatus(status.code(), status.signal()));
  }

  private Cause cause(Ending event, WaitStatus status) {
    switch (event.reason()) {
      case DEADLINE:
        return Cause.TIMEOUT;
      case CANCELLED:
        return Cause.CANCELLED;
      case OUT_OF_MEMORY:
        return Cause.MEMORY;
      case TOO_MANY_TASKS:
        return Cause.PIDS;
      case OUT_OF_CPU_TIME:
        return Cause.CPU_TIME;
      case ENDED:
    }
    if (status.shellStatus() != 0 && counters.usage().oomKills().orElse(0) > 0) {
      return Cause.MEMORY;
    }
    if (status.shellStatus() != 0 && counters.usage().forksRefused().orElse(0) > 0) {
      return Cause.PIDS;
    }
    return status.signal() == 0 ? Cause.EXITED : Cause.SIGNALLED;
  }

  /** Says that a command went on without a process that the kernel has killed for memory. */
  private Optional<String> killedForMemory(Cause cause) {
    long kills = counters.usage().oomKills().orElse(0);
    return kills == 0 || cause == Cause.MEMORY
        ? Optional.empty()
        : new OutcomeLines(config).killedForMemory(kills);
  }

  private List<String> messages(Ending.Reason event, WaitStatus status, Cause cause) {
    List<String> messages = new ArrayList<>(notices);
    // Most commands end by themselves, and their start pays for every class and lambda.
    boolean byItself =
        leftoversKilled.isEmpty() && (cause == Cause.EXITED || cause == Cause.SIGNALLED);
    if (!byItself && config.messages() != GuardConfig.MessageLevel.QUIET) {
      messages.addAll(lines(event, cause));
    }
    if (config.messages() != GuardConfig.MessageLevel.QUIET) {
      killedForMemory(cause).ifPresent(messages::add);
    }
    if (event == Ending.Reason.ENDED && status.isUnknown()) {
      messages.add(
          "how the command ended is not known: other code in this process has waited for it");
    }
    for (Stray s : strays) {
      if (s.action() == Stray.Action.KILLED) {
        messages.add(
            "process " + s.pid() + " (" + s.command() + ") had left the cgroup and was killed");
      }
    }
    messages.addAll(ofSurvivors());
    return messages;
  }

  private List<String> lines(Ending.Reason event, Cause cause) {
    OutcomeLines lines = new OutcomeLines(config);
    return Stream.of(
            lines.end(cause, event != Ending.Reason.ENDED, counters.forksRefused()),
            lines.leftovers(leftoversKilled))
        .flatMap(Optional::stream)
        .toList();
  }

  private List<String> ofSurvivors() {
    return survivors.stream()
        .map(
            s -> "process " + s.pid() + " (" + s.command() + ") could not be ended; end it by hand")
        .toList();
  }

  /** Notes that Guard failed; what is known of the command is kept. */
  public void failed(String message) {
    List<String> messages = new ArrayList<>(outcome == null ? List.of() : outcome.messages());
    messages.add(message);
    Optional<ExitStatus> status =
        outcome instanceof Outcome.Ran ran ? ran.status() : Optional.empty();
    outcome =
        released == 0
            ? new Outcome.Failed(Cause.GUARD_ERROR, messages)
            : new Outcome.Ran(Cause.GUARD_ERROR, status, messages);
  }

  /** Makes the result. */
  public Result result() {
    return new Result(
        id,
        request.name(),
        config.budget(),
        labels,
        request.argv(),
        directory,
        new Result.Times(
            requested, waited, between(released, ended), between(ended, reaped), Instant.now()),
        outcome,
        List.copyOf(layers.values()),
        counters.usage(),
        leftoversKilled.size(),
        leftoversKept,
        strays,
        survivors,
        List.copyOf(notes),
        captured.get(0),
        captured.get(1));
  }

  private static Duration between(long from, long to) {
    return from == 0 || to == 0 ? Duration.ZERO : Duration.ofNanos(to - from);
  }
}
