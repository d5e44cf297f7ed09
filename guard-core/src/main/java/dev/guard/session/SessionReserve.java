package dev.guard.session;

import dev.guard.os.Procfs;
import dev.guard.systemd.Scope;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/** Keeps a reserve for the rest of the host from all sessions, and says where that can not be. */
final class SessionReserve {
  private final Procfs procfs;
  private final Consumer<String> notices;

  SessionReserve(Procfs procfs, Consumer<String> notices) {
    this.procfs = procfs;
    this.notices = notices;
  }

  /** Gives the slice limits; a slice that can have none is no reason to have no session. */
  void bound(Scope scope, Optional<SessionSlice> slice) {
    try {
      if (slice.isPresent()) {
        slice.get().bound(procfs, scope);
      }
    } catch (IOException e) {
      notices.accept(e.getMessage());
    }
  }

  /** Says which limits the slice lacks, where it could have them. */
  void check(Optional<SessionSlice> slice) throws IOException {
    if (slice.filter(SessionSlice::hasControllers).isEmpty()) {
      return;
    }
    SessionSlice.Bounds bounds = slice.get().bounds();
    warnOfMissing("memory", bounds.memory());
    warnOfMissing("tasks", bounds.tasks());
  }

  private void warnOfMissing(String what, OptionalLong bound) {
    if (bound.isEmpty()) {
      notices.accept(
          SessionSlice.UNIT
              + " has no limit of "
              + what
              + ", so sessions leave no reserve of it; see guard doctor cgroups");
    }
  }
}
