package dev.guard.os;

/**
 * Implements {@link Os} by the C library's functions. Each family of calls is written in an
 * interface of its own, as default methods, so that it can be read alone and no call is written
 * twice.
 */
final class LinuxOs
    implements Os,
        LinuxProcesses,
        LinuxWaits,
        LinuxSignals,
        LinuxDescriptors,
        LinuxPaths,
        LinuxLimits,
        LinuxSockets {
  static final LinuxOs INSTANCE = new LinuxOs();

  private LinuxOs() {}
}
