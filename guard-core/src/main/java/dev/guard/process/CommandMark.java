package dev.guard.process;

import dev.guard.os.OsString;
import dev.guard.os.Procfs;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.List;

/** Recognizes a command's processes by the GUARD_ID in the environment that they began with. */
final class CommandMark {
  private final OsString entry;

  CommandMark(String id) {
    this.entry = OsString.of("GUARD_ID=" + id);
  }

  /** Tells whether a process has the mark. */
  boolean isOn(int pid, Procfs procfs) throws IOException {
    try {
      return procfs.environment(pid).orElse(List.of()).contains(entry);
    } catch (FileSystemException e) {
      // Another user's process is not one of ours, unless it has changed its user, and then we
      // could not kill it either. Or the process has no memory: it is ending, or it is the
      // kernel's.
      return false;
    }
  }
}
