package dev.guard.process;

import dev.guard.os.Cgroupfs;
import dev.guard.os.Procfs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalLong;

/** Counts the trees of commands of any guard of this user. */
public final class TreeCount implements Member.Count {
  private final Procfs procfs;
  private final Cgroupfs fs;

  /** Makes a count by these file systems. */
  public TreeCount(Procfs procfs, Cgroupfs fs) {
    this.procfs = procfs;
    this.fs = fs;
  }

  @Override
  public int of(Member member) throws IOException {
    return Tree.of(procfs, fs, member).count();
  }

  /** Reads the tasks, of which a process has one or more, of the whole subtree. */
  @Override
  public OptionalLong atMost(Path parent) throws IOException {
    return fs.number(parent, "pids.current");
  }
}
