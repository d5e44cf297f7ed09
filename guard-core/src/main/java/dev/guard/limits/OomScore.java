package dev.guard.limits;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.guard.os.DescriptorCalls;
import dev.guard.os.Os;
import dev.guard.os.OsString;
import dev.guard.os.Procfs;
import java.io.IOException;

/** Says which process the kernel kills when memory is used up; see proc_pid_oom_score_adj(5). */
public final class OomScore {
  // Of 1,000, which is all of the machine's memory.
  private static final int ADDED = 200;
  private static final int MOST = 1000;

  private OomScore() {}

  /**
   * Has the kernel prefer a held process, and all that it starts later, to its caller.
   *
   * @throws IOException when the process has gone, or its file may not be written
   */
  public static void raise(Os os, Procfs procfs, int pid) throws IOException {
    int score = Math.min(procfs.oomScoreAdjustment(pid) + ADDED, MOST);
    OsString file = OsString.of(procfs.oomScoreFile(pid));
    int descriptor = os.open(file, DescriptorCalls.Open.WRITE, 0);
    try {
      os.write(descriptor, Integer.toString(score).getBytes(US_ASCII));
    } finally {
      os.close(descriptor);
    }
  }
}
