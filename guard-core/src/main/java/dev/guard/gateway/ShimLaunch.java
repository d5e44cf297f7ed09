package dev.guard.gateway;

import dev.guard.cgroup.CommandCgroup;
import dev.guard.config.GuardConfig;
import dev.guard.launch.Held;
import dev.guard.launch.Launch;
import dev.guard.launch.LeftAtGate;
import dev.guard.launch.NotExecutedException;
import dev.guard.launch.StandardStreams;
import dev.guard.os.Os;
import dev.guard.os.ProcessId;
import dev.guard.os.Procfs;
import dev.guard.value.Request;
import java.io.IOException;
import java.util.function.Consumer;

/** Has the process of a command made by its shim, as a child of that. */
final class ShimLaunch implements Launch {
  private final Os os;
  private final Procfs procfs;
  private final ShimConnection shim;
  private final int command;
  private final boolean detached;

  /**
   * Makes the launch of one command.
   *
   * @param command the index of its program in the arguments of the shim
   */
  ShimLaunch(Os os, Procfs procfs, ShimConnection shim, int command, boolean detached) {
    this.os = os;
    this.procfs = procfs;
    this.shim = shim;
    this.command = command;
    this.detached = detached;
  }

  /** Leaves that to the shim, which looks the program up with the rights of the caller. */
  @Override
  public void check(Request request) {}

  @Override
  public boolean joinsByItself() {
    return true;
  }

  @Override
  public boolean tellsEnds() {
    return true;
  }

  @Override
  public Held hold(
      String id,
      Request request,
      StandardStreams streams,
      boolean asScript,
      CommandCgroup cgroup,
      GuardConfig config,
      Consumer<LeftAtGate> left)
      throws IOException, NotExecutedException {
    Grant grant =
        new Grant(
            asScript,
            request.foreground(),
            config.leftovers(),
            command,
            request.directory(),
            id,
            cgroup.entrances(),
            config.timeout(),
            config.killAfter());
    HeldAnswer answer = shim.grant(grant);
    if (answer.failure().isPresent() && answer.failure().get().isInCgroup()) {
      // This side may move it, which says which limit a hierarchy refuses.
      answer = shim.grant(grant.withoutCgroups());
    }
    if (answer.failure().isPresent()) {
      throw answer.failure().get().of(request);
    }
    ShimChild child =
        new ShimChild(
            os, procfs, shim.process(), identity(answer.pid()), !request.foreground(), detached);
    try {
      shim.child(child);
    } catch (IOException | RuntimeException | Error e) {
      child.close();
      throw e;
    }
    return new ShimHeld(procfs, shim, child, request, asScript);
  }

  /** Believes no number that is not the one of a child of the shim. */
  private ProcessId identity(int pid) throws IOException {
    return procfs
        .stat(pid)
        .filter(s -> s.parent() == shim.process().pid() && !s.ended())
        .orElseThrow(
            () -> new IOException("process " + pid + " is no child of its guard, or has ended"))
        .id();
  }
}
