package dev.guard.limits;

import dev.guard.Layer;
import dev.guard.LayerName;
import dev.guard.os.LimitCalls;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import java.util.Optional;

/** Limits the open files of a held process by RLIMIT_NOFILE, and never above what it inherits. */
public final class OpenFilesLimit {
  private OpenFilesLimit() {}

  /** Sets the limit of open files, soft and hard, and reads it back. */
  static Layer apply(Os os, int pid, Optional<Integer> wanted) throws OsException {
    if (wanted.isEmpty()) {
      return Layer.off(LayerName.OPEN_FILES);
    }
    LimitCalls.Limit inherited = os.openFiles(pid);
    long limit = least(inherited, wanted.get());
    os.setOpenFiles(pid, new LimitCalls.Limit(limit, limit));
    LimitCalls.Limit got = os.openFiles(pid);
    if (got.soft() != limit || got.hard() != limit) {
      return Layer.degraded(
          LayerName.OPEN_FILES,
          wanted.get(),
          "RLIMIT_NOFILE reads back " + got.soft() + ":" + got.hard());
    }
    return foresee(inherited, wanted);
  }

  /**
   * Foresees the layer of a process that inherits this limit, once its own is set.
   *
   * @param wanted the setting
   */
  public static Layer foresee(LimitCalls.Limit inherited, Optional<Integer> wanted) {
    if (wanted.isEmpty()) {
      return Layer.off(LayerName.OPEN_FILES);
    }
    long limit = least(inherited, wanted.get());
    String detail = "RLIMIT_NOFILE soft = hard = " + limit;
    return Layer.active(
        LayerName.OPEN_FILES, limit, limit < wanted.get() ? detail + ", as inherited" : detail);
  }

  /** Compares unsigned, since RLIM_INFINITY is the largest value. */
  private static long least(LimitCalls.Limit inherited, int wanted) {
    return Long.compareUnsigned(inherited.hard(), wanted) < 0 ? inherited.hard() : wanted;
  }
}
