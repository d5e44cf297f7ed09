package dev.guard.gateway;

import dev.guard.launch.Lifeline;
import dev.guard.os.ProcessId;
import dev.guard.os.Procfs;
import java.nio.file.Path;

/**
 * The server as the lifeline of a command: it ends the tree when the shim has gone, and the shim
 * ends the tree when the server has gone. Neither has to be told anything: what a shim needs for
 * that is in its grant, and it leaves a process with leftovers that may stay.
 *
 * @param isPrivate whether it serves this one shim, which has started it
 */
record ShimLifeline(int pid, boolean isPrivate) implements Lifeline {
  @Override
  public String named() {
    return (isPrivate ? "private " : "gateway ") + pid;
  }

  /** Answers true for a server that a shim has started for itself. */
  @Override
  public boolean isChildOfGuard() {
    return isPrivate;
  }

  @Override
  public String problem(Procfs procfs) {
    return "";
  }

  @Override
  public void cgroup(String id, Path cgroup) {}

  @Override
  public void adopted(String id, ProcessId process) {}

  @Override
  public void groupEnded(String id) {}

  @Override
  public void untilParentEnds(String id, ProcessId parent) {}

  @Override
  public void untilEmpty(String id) {}

  @Override
  public void detached(String id, Path log, long deadline, boolean keeps) {}

  @Override
  public void done(String id) {}

  @Override
  public void close() {}
}
