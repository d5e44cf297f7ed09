package dev.guard.exec.record;

import dev.guard.Cause;
import dev.guard.CommandRequest;
import dev.guard.CommandResult;
import dev.guard.CommandResult.Captured;
import dev.guard.CommandResult.Survivor;
import dev.guard.CommandResult.Usage;
import dev.guard.Layer;
import dev.guard.LayerName;
import dev.guard.Outcome;
import dev.guard.exec.limits.CommandCgroup;
import dev.guard.exec.monitor.Monitor;
import dev.guard.os.OsString;
import dev.guard.os.WaitStatus;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Collects what happened to a command, stage after stage, and makes the one result of it. Times are
 * monotonic.
 */
public final class Recorder {
  private final String id;
  private final String budget;
  private final CommandRequest request;
  private final Instant requested;
  private final Map<LayerName, Layer> layers = new EnumMap<>(LayerName.class);
  private Optional<OsString> directory = Optional.empty();
  private Outcome outcome;
  private Usage usage = Usage.NONE;
  private OptionalLong forksRefused = OptionalLong.empty();
  private Duration waited = Duration.ZERO;
  private long released;
  private long ended;
  private long reaped;
  private int leftoversKilled;
  private int leftoversKept;
  private List<Survivor> survivors = List.of();
  private List<Captured> captured = List.of(Captured.NONE, Captured.NONE);

  /** Begins the record of a request. */
  public Recorder(String id, String budget, CommandRequest request, Instant requested) {
    this.id = id;
    this.budget = budget;
    this.request = request;
    this.requested = requested;
  }

  /** Where it ran; empty when its directory had been removed. */
  public void directory(Optional<OsString> at) {
    directory = at;
  }

  /** A line of the receipt. */
  public void layer(Layer layer) {
    layers.put(layer.name(), layer);
  }

  /** Which required layers are not active, each as a line for people. */
  public List<String> missing(Set<LayerName> required) {
    return layers.values().stream()
        .filter(l -> required.contains(l.name()) && l.state() != Layer.State.ACTIVE)
        .map(
            l ->
                "required layer " + l.name().text() + " is " + l.state().text() + ": " + l.detail())
        .toList();
  }

  /** How long the rate limit has held it back so far. */
  public void waited(Duration so) {
    waited = so;
  }

  /** It may run now. */
  public void released() {
    released = System.nanoTime();
  }

  /** When its time is over, by {@link System#nanoTime}. */
  public long deadline(Duration timeout) {
    return released + timeout.toNanos();
  }

  /** The wait for its main process is over. */
  public void ended() {
    ended = System.nanoTime();
  }

  /** Its tree has been proved empty, or is kept. */
  public void reaped() {
    reaped = System.nanoTime();
  }

  /** Processes that outlived the main one and were ended. */
  public void leftoversKilled(int count) {
    leftoversKilled = count;
  }

  /** Processes that outlived the main one and were left. */
  public void leftoversKept(int count) {
    leftoversKept = count;
  }

  /** Whether processes were left on purpose. */
  public boolean keepsLeftovers() {
    return leftoversKept > 0;
  }

  /** Processes that could not be ended. */
  public void survivors(List<Survivor> left) {
    survivors = left;
  }

  /** What was captured of standard output and error. */
  public void output(List<Captured> outputAndError) {
    captured = outputAndError;
  }

  /** Reads how often the kernel refused a task, before Guard itself stops the tree from forking. */
  public void refusals(CommandCgroup cgroup) throws IOException {
    forksRefused = cgroup.forksRefused();
  }

  /** Reads the kernel's other counters; the cgroup must still be there. */
  public void usage(WaitStatus status, CommandCgroup cgroup) throws IOException {
    usage =
        new Usage(
            status == null ? OptionalLong.empty() : OptionalLong.of(status.cpuMicros()),
            OptionalLong.empty(),
            cgroup.peakPids(),
            forksRefused,
            OptionalLong.empty());
  }

  /** It ended before it ran, or could not run. */
  public void outcome(Outcome of) {
    outcome = of;
  }

  /**
   * It ran: the single cause, from what ended the wait, how the process ended, and the kernel's
   * counters.
   */
  public void outcome(Monitor.Result event, WaitStatus status) {
    outcome = new Outcome.Ran(cause(event, status), status, messages());
  }

  private Cause cause(Monitor.Result event, WaitStatus status) {
    if (event.event() == Monitor.Event.DEADLINE) {
      return Cause.TIMEOUT;
    }
    if (event.event() == Monitor.Event.CANCELLED) {
      return Cause.CANCELLED;
    }
    if (status.shellStatus() != 0 && usage.forksRefused().orElse(0) > 0) {
      return Cause.PIDS;
    }
    return status.signal() == 0 ? Cause.EXITED : Cause.SIGNALLED;
  }

  private List<String> messages() {
    return survivors.stream()
        .map(
            s -> "process " + s.pid() + " (" + s.command() + ") could not be ended; end it by hand")
        .toList();
  }

  /** Guard failed: what is known of the command is kept. */
  public void failed(String message) {
    List<String> messages = new ArrayList<>(outcome == null ? List.of() : outcome.messages());
    messages.add(message);
    WaitStatus status = outcome instanceof Outcome.Ran ran ? ran.status() : null;
    outcome =
        released == 0
            ? new Outcome.Failed(Cause.GUARD_ERROR, messages)
            : new Outcome.Ran(Cause.GUARD_ERROR, status, messages);
  }

  /** The result. */
  public CommandResult result() {
    return new CommandResult(
        id,
        budget,
        request.argv(),
        directory,
        new CommandResult.Times(
            requested, waited, between(released, ended), between(ended, reaped)),
        outcome,
        List.copyOf(layers.values()),
        usage,
        leftoversKilled,
        leftoversKept,
        survivors,
        captured.get(0),
        captured.get(1));
  }

  private static Duration between(long from, long to) {
    return from == 0 || to == 0 ? Duration.ZERO : Duration.ofNanos(to - from);
  }
}
