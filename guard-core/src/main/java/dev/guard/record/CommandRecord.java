package dev.guard.record;

import dev.guard.Layer;
import dev.guard.os.OsString;
import dev.guard.os.ProcessId;
import dev.guard.process.Member;
import dev.guard.value.AgentLabels;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Tells any guard of the user what can be known of a command that lives, from before its spawn
 * until nothing is left of it.
 *
 * @param id the command's id
 * @param name the name that people call the command by
 * @param budget the budget that the command counts in
 * @param argv the words of the command, as requested
 * @param directory the command's working directory; empty when it had been removed
 * @param detached whether the command is to outlive its guard
 * @param outer the id of the command that this one was started in, if there was one
 * @param requested wall clock, when the request came
 * @param guard the guard that runs the command
 * @param member where the command's processes are; empty until it is held
 * @param lifeline the process that ends the command, or looks after it, when the guard has died
 * @param deadline when the command's time is over, by the wall clock
 * @param killAfter the time between TERM and KILL that the command was started with; empty in the
 *     record of a guard that did not write it yet
 * @param layers the command's receipt
 * @param left how processes were left on purpose when the main one had ended
 * @param strays the command's processes that have lost their parent or had left its cgroup
 * @param outputLost the bytes of output that the command's log has lost so far
 * @param monotonic when the command was requested and is over, whatever becomes of the wall clock
 * @param inReserve whether the command has the reserve of a full budget, and its limits
 * @param labels which agent has started the command
 */
public record CommandRecord(
    String id,
    Optional<String> name,
    String budget,
    List<OsString> argv,
    Optional<OsString> directory,
    boolean detached,
    Optional<String> outer,
    Instant requested,
    ProcessId guard,
    Optional<Member> member,
    ProcessId lifeline,
    Optional<Instant> deadline,
    Optional<Duration> killAfter,
    List<Layer> layers,
    Optional<Left> left,
    List<ProcessId> strays,
    long outputLost,
    Monotonic monotonic,
    boolean inReserve,
    AgentLabels labels) {

  /**
   * Describes processes that live on after the main one.
   *
   * @param until the process with which the left ones are to end; empty: they may live as long as
   *     they like
   */
  public record Left(Optional<ProcessId> until) {}

  /** Makes the record of a command of which no stray is known, and that has lost no output. */
  public CommandRecord(
      String id,
      Optional<String> name,
      String budget,
      List<OsString> argv,
      Optional<OsString> directory,
      boolean detached,
      Optional<String> outer,
      Instant requested,
      ProcessId guard,
      Optional<Member> member,
      ProcessId lifeline,
      Optional<Instant> deadline,
      Optional<Duration> killAfter,
      List<Layer> layers,
      Optional<Left> left) {
    this(
        id,
        name,
        budget,
        argv,
        directory,
        detached,
        outer,
        requested,
        guard,
        member,
        lifeline,
        deadline,
        killAfter,
        layers,
        left,
        List.of(),
        0,
        Monotonic.UNKNOWN,
        false,
        AgentLabels.NONE);
  }

  /** Names the command's processes that have lost their parent or had left its cgroup. */
  public CommandRecord withStrays(List<ProcessId> known) {
    return copy(member, deadline, layers, left, List.copyOf(known), outputLost, monotonic);
  }

  /** Says how many bytes of output the command's log has lost so far. */
  public CommandRecord withOutputLost(long bytes) {
    return copy(member, deadline, layers, left, strays, bytes, monotonic);
  }

  /** Says where the command is held inside its limits. */
  public CommandRecord held(Member where, Optional<Instant> until, List<Layer> receipt) {
    return copy(Optional.of(where), until, receipt, left, strays, outputLost, monotonic);
  }

  /** Says that the command's main process has ended and others were left. */
  public CommandRecord left(Left what) {
    Optional<Member> others = member.map(Member::withoutMain);
    return copy(others, Optional.empty(), layers, Optional.of(what), strays, outputLost, monotonic);
  }

  /** Names another process that looks after the command when its guard has died. */
  public CommandRecord lookedAfterBy(ProcessId another) {
    return copy(another, inReserve, labels);
  }

  /** Says whether the command has the reserve of a full budget, and which agent has started it. */
  public CommandRecord begun(boolean reserve, AgentLabels by) {
    return copy(lifeline, reserve, by);
  }

  /** Copies the record with what is said of a command that is new, or has come to somebody else. */
  private CommandRecord copy(ProcessId attendant, boolean reserve, AgentLabels by) {
    return new CommandRecord(
        id,
        name,
        budget,
        argv,
        directory,
        detached,
        outer,
        requested,
        guard,
        member,
        attendant,
        deadline,
        killAfter,
        layers,
        left,
        strays,
        outputLost,
        monotonic,
        reserve,
        by);
  }

  /** Adds these moments to the record. */
  public CommandRecord with(Monotonic moments) {
    return copy(member, deadline, layers, left, strays, outputLost, moments);
  }

  /** Copies the record with what changes while a command lives. */
  private CommandRecord copy(
      Optional<Member> where,
      Optional<Instant> until,
      List<Layer> receipt,
      Optional<Left> others,
      List<ProcessId> known,
      long lost,
      Monotonic moments) {
    return new CommandRecord(
        id, name, budget, argv, directory, detached, outer, requested, guard, where, lifeline,
        until, killAfter, receipt, others, known, lost, moments, inReserve, labels);
  }

  /** Tells how long ago the command was requested; never negative. */
  public Duration age() {
    return Monotonic.since(monotonic.requested(), requested);
  }

  /** Tells how much of the command's time is left; never negative, and empty without a timeout. */
  public Optional<Duration> timeLeft() {
    return deadline.map(wall -> Monotonic.until(monotonic.deadline(), wall));
  }
}
