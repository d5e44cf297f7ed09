package dev.guard.command;

import dev.guard.cgroup.CgroupLimits;
import dev.guard.cgroup.ScopeRequest;
import dev.guard.os.Kernel;
import dev.guard.systemd.ScopePlan;
import java.io.IOException;

/** Finds a scope of a service manager in which a command outlives the service of its caller. */
public final class OutlivingScope {
  private OutlivingScope() {}

  /**
   * Tells how to start the process that {@link CommandRunner#forDetached} is called in so that it
   * outlives the service or session of this one: the words and the environment before its own, or
   * why there is no way.
   */
  public static ScopePlan of() throws IOException {
    Kernel kernel = Kernel.system();
    return of(kernel, Caller.ofParent(kernel));
  }

  /** Tells how a process that runs a command for this caller outlives the service of that. */
  public static ScopePlan of(Kernel kernel, Caller caller) throws IOException {
    return caller
        .situation(kernel)
        .scopeThatOutlives(
            ScopeRequest.forCommands(CommandRunner.newScope(kernel.os()), CgroupLimits.NONE));
  }

  /** Says what it means that a detached command has no scope of its own, for this reason. */
  public static String without(String problem) {
    return "detached without a scope of its own ("
        + problem
        + "): the command will die with the service or container that started it";
  }
}
