package dev.guard.command;

import dev.guard.cgroup.CgroupSituation;
import dev.guard.os.Kernel;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.OsString;
import dev.guard.os.ProcessId;
import dev.guard.os.Procfs;
import dev.guard.store.CommandId;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/**
 * A caller is the process on whose behalf commands run. Everything that Guard wants to know of a
 * caller is here, so that nothing below takes Guard's own process for it.
 *
 * @param process the caller: leftovers that may live with it live as long as this process
 * @param guard the process that runs Guard, which is the caller itself where a program uses the
 *     library
 * @param user the caller's effective user id
 * @param directory the caller's working directory; empty: it was removed
 * @param environment the caller's variables
 */
public record Caller(
    ProcessId process,
    ProcessId guard,
    int user,
    Optional<OsString> directory,
    Map<String, String> environment) {

  /** Makes the caller of a program that runs commands for itself. */
  static Caller ofProgram(Kernel kernel) throws IOException {
    ProcessId self = self(kernel);
    return new Caller(self, self, kernel.os().userId(), directory(kernel.os()), System.getenv());
  }

  private static ProcessId self(Kernel kernel) throws IOException {
    return ProcessId.of(kernel.os().pid(), kernel.procfs());
  }

  private static Optional<OsString> directory(Os os) {
    try {
      return Optional.of(os.workingDirectory());
    } catch (OsException e) {
      // The directory was removed; the command stands in it all the same.
      return Optional.empty();
    }
  }

  /**
   * Tells whether Guard's process runs one command for the caller and nothing else, so that orphans
   * come to Guard.
   */
  boolean hasGuardForItself() {
    return process.pid() != guard.pid();
  }

  /** Tells whether the caller has ended, so that its guard came to another parent. */
  boolean hasGone(Procfs procfs) throws IOException {
    return hasGuardForItself()
        && procfs.stat(guard.pid()).map(Procfs.Stat::parent).orElse(0) != process.pid();
  }

  /**
   * Tells where the caller is in the cgroups of this host: where Guard is, which the caller has
   * started.
   */
  CgroupSituation situation(Kernel kernel) throws IOException {
    return CgroupSituation.of(
        kernel.procfs(), kernel.cgroupfs(), guard.pid(), user, variable("XDG_RUNTIME_DIR"));
  }

  /**
   * Tells where the caller is when its guard has started this process, too, to serve that alone.
   */
  CgroupSituation situationBesideGuard(Kernel kernel) throws IOException {
    return situation(kernel).with(kernel.os().pid());
  }

  /** Answers the caller's variable of this name. */
  Optional<String> variable(String name) {
    return Optional.ofNullable(environment.get(name));
  }

  /**
   * Answers the id of the command that the caller's environment says it is a part of, which proves
   * nothing.
   */
  Optional<String> inheritedCommand() {
    return variable("GUARD_ID").filter(CommandId::is);
  }
}
