package dev.guard.cgroup;

import dev.guard.systemd.UnitManager;
import java.io.Closeable;
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
    implements Closeable {

  /** Has the manager move a process to a cgroup below the unit's, with a slash before it. */
  void move(int pid, Path cgroup) throws IOException {
    try {
      manager.attach(unit.name(), cgroup, pid);
    } catch (IOException e) {
      throw new NotMovedException(e);
    }
  }

  @Override
  public void close() {
    leave.run();
  }
}
