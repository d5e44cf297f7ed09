package dev.guard.os;

import java.util.List;

/**
 * Says what posix_spawn(3) is to start.
 *
 * @param path the program; no search in PATH
 * @param argv the program's arguments, the first is its own name
 * @param environment entries NAME=VALUE, in order
 * @param directory the working directory, or null for the caller's. With a C library older than
 *     glibc 2.29 the calling thread stands there from then on, and so does what it starts later
 * @param descriptors the descriptors of the process: everything that is not named here is closed
 * @param signals the signals that the process finds at their defaults
 * @param leads what the process leads
 * @param gate the gate where the process waits between fork and exec, or null
 */
public record SpawnSpec(
    OsString path,
    List<OsString> argv,
    List<OsString> environment,
    OsString directory,
    List<Descriptor> descriptors,
    SignalDefaults signals,
    Leads leads,
    ExecGate gate) {

  /** Says what a process leads from its beginning. */
  public enum Leads {
    /** The process leads a session of its own. */
    SESSION,
    /** The process leads a process group of its own, in the caller's session. */
    GROUP,
    /** The process leads nothing: it is in the caller's process group. */
    NOTHING
  }

  /** Says that descriptor {@code from} of the caller becomes {@code to} of the process. */
  public record Descriptor(int from, int to) {}

  /**
   * Says which signals are set to their default; the mask is always emptied.
   *
   * @param ignored bit n-1 set: signal n stays ignored, as the caller of Guard wanted it (nohup(1))
   */
  public record SignalDefaults(long ignored) {}

  /**
   * Names files that the child opens after fork and before exec: one that keeps it waiting until
   * its parent knows it, see {@link Os#holdOpens}; a link that must be there, or the exec does not
   * happen; a FIFO, so that the open blocks until somebody opens it for writing; and the link
   * again.
   *
   * @param close a descriptor that the child closes before it waits, so that its copy keeps nobody
   *     waiting
   * @param leash a descriptor that the child keeps until it is through the gate, see {@link
   *     Os#killAtHangup}
   */
  public record ExecGate(int close, OsString unknown, OsString fifo, OsString alive, int leash) {}
}
