package dev.guard.cgroup;

import dev.guard.systemd.UnitManager;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A place for one command below a standing unit, which does not end while the place is taken.
 *
 * @param unit the unit
 * @param hierarchy where the unit's holder is
 * @param holder the process that keeps the unit
 * @param caller the cgroup that a command begins in
 * @param manager moves a process there
 * @param leave gives the place back
 */
public record UnitPlace(
    StandingUnit unit,
    Hierarchy hierarchy,
    int holder,
    Path caller,
    UnitManager manager,
    Runnable leave)
    implements AutoCloseable {

  /** Has the manager move a process to a cgroup below the unit's, with a slash before it. */
  void move(int pid, Path cgroup) throws IOException {
    try {
      manager.attach(unit.name(), cgroup, pid);
    } catch (IOException e) {
      throw new NotMovedException(e);
    }
  }

  /** Names the deepest cgroup that caller and command are both below: who moves must own it. */
  Path common() {
    Path common = caller;
    while (!hierarchy.self().startsWith(common)) {
      common = common.getParent();
    }
    return common;
  }

  @Override
  public void close() {
    leave.run();
  }
}
