package dev.guard.os;

/**
 * Makes the system calls of Guard, and nothing else: no policy, no state. Every method that can
 * fail throws {@link OsException} with the operation and errno; file descriptors that are returned
 * are close-on-exec. A class that needs one family of calls alone can ask for that.
 */
public interface Os
    extends ProcessCalls,
        WaitCalls,
        SignalCalls,
        DescriptorCalls,
        PathCalls,
        LimitCalls,
        SocketCalls {
  /** Answers this machine's implementation: glibc on Linux, through jffi. */
  static Os linux() {
    return LinuxOs.INSTANCE;
  }
}
