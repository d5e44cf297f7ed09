package dev.guard.value;

import dev.guard.Layer;
import dev.guard.LayerName;
import dev.guard.Outcome;
import dev.guard.os.OsString;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Holds everything about a finished command: what was asked, what was in force, what happened.
 *
 * @param id the command's id, also in its GUARD_ID and its cgroup's name
 * @param name the name that people call the command by; empty: it has only its id
 * @param budget the budget that the command ran in
 * @param labels which agent has started the command
 * @param argv the words of the command, as requested
 * @param directory the working directory; empty when it had been removed
 * @param times when things happened
 * @param outcome what came of the command
 * @param layers one for each {@link LayerName}, in that order, for a command that reached its
 *     limits; else fewer
 * @param usage what the command used
 * @param leftoversKilled processes that outlived the main process and that Guard ended
 * @param leftoversKept processes that outlived the main process and were left alive by policy
 * @param strays processes of the tree that had left its cgroup while it ran, the first few
 * @param survivors processes of the tree that Guard could not end
 * @param notes what went wrong beside the command, e.g. its line in the history could not be
 *     written
 * @param output captured standard output
 * @param error captured standard error
 */
public record Result(
    String id,
    Optional<String> name,
    String budget,
    AgentLabels labels,
    List<OsString> argv,
    Optional<OsString> directory,
    Times times,
    Outcome outcome,
    List<Layer> layers,
    Usage usage,
    int leftoversKilled,
    int leftoversKept,
    List<Stray> strays,
    List<Survivor> survivors,
    List<String> notes,
    Captured output,
    Captured error) {

  /**
   * Says when things happened to a command.
   *
   * @param requested wall clock, when the request came
   * @param waited how long the command waited for a place in its budget and for the rate limit
   * @param ran the time from the release to the end of the main process; zero when it never ran
   * @param reaped the time from the end of the main process to the proof that the command's tree is
   *     empty
   * @param ended wall clock, when all was over
   */
  public record Times(
      Instant requested, Duration waited, Duration ran, Duration reaped, Instant ended) {}

  /**
   * Counts what the command used. An empty value is one that nothing in force measures.
   *
   * @param cpuMicros user and system time in microseconds: of the whole tree where its cgroup
   *     counts it, else of the main process and the children it waited for
   * @param peakMemoryBytes the most memory at one time
   * @param peakMemorySource whose peak it is, and who counted it; empty where the peak is
   * @param peakPids the most tasks at one time
   * @param forksRefused how often the kernel refused a task, from pids.events
   * @param oomKills how many processes the kernel killed for memory, from memory.events
   */
  public record Usage(
      OptionalLong cpuMicros,
      OptionalLong peakMemoryBytes,
      Optional<PeakMemorySource> peakMemorySource,
      OptionalLong peakPids,
      OptionalLong forksRefused,
      OptionalLong oomKills) {
    /** The usage of a command of which nothing was measured. */
    public static final Usage NONE =
        new Usage(
            OptionalLong.empty(),
            OptionalLong.empty(),
            Optional.empty(),
            OptionalLong.empty(),
            OptionalLong.empty(),
            OptionalLong.empty());
  }

  /** Says where a peak of memory comes from. */
  public enum PeakMemorySource {
    /** The peak is the whole tree's, as its cgroup counts. */
    CGROUP,
    /**
     * The peak is that of the largest process alone: the ru_maxrss of those that were waited for,
     * see getrusage(2).
     */
    RUSAGE,
    /**
     * The largest process had no more than this: until its exec a new process has the memory of
     * this one, see vfork(2), and the kernel counts that in.
     */
    RUSAGE_AT_MOST;

    /** Answers the source's name in reports. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Describes a process that had left the command's cgroup.
   *
   * @param cgroup where the process had gone, its lines of /proc/PID/cgroup, in one line
   * @param action how Guard acted on the process
   */
  public record Stray(int pid, String command, String cgroup, Action action) {
    /** Says how Guard acted on a process that had left. */
    public enum Action {
      /** The process was moved back. */
      RETURNED,
      /** The process was killed. */
      KILLED,
      /** The process had become another user's, and could neither be moved nor killed. */
      OUT_OF_REACH
    }
  }

  /** Identifies a process that lived on in spite of Guard. */
  public record Survivor(int pid, String command) {}

  /**
   * Holds captured output.
   *
   * @param bytes the bytes that were kept
   * @param dropped the number of further bytes, which were dropped
   */
  public record Captured(@SuppressWarnings("ArrayRecordComponent") byte[] bytes, long dropped) {
    /** The output of which nothing was captured. */
    public static final Captured NONE = new Captured(new byte[0], 0);

    /** Answers the bytes as UTF-8 text. */
    public String text() {
      return new String(bytes, java.nio.charset.StandardCharsets.UTF_8);
    }
  }

  /**
   * Answers the exit status that guard exec shows; 125 when processes survived, whatever the
   * command's own was.
   */
  public int exitCode() {
    return survivors.isEmpty() ? outcome.exitCode() : 125;
  }
}
