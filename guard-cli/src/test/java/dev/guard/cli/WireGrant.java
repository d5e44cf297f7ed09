package dev.guard.cli;

import java.util.ArrayList;
import java.util.List;

/** A GRANT with what a test wants of it. */
final class WireGrant {
  private int flags;
  private final int first;
  private String directory = "";
  private final List<String> variables = new ArrayList<>();
  private final List<String> cgroups = new ArrayList<>();
  private final List<Integer> kinds = new ArrayList<>();
  private long timeoutMillis;
  private long graceMillis;

  /** For a command that begins at this argument. */
  WireGrant(int first) {
    this.first = first;
  }

  WireGrant asScript() {
    flags |= 1;
    return this;
  }

  WireGrant inForeground() {
    flags |= 2;
    return this;
  }

  /** What outlives the main process stays; or as long as the shim's caller. */
  WireGrant keeping(boolean withCaller) {
    flags |= withCaller ? 8 : 4;
    return this;
  }

  WireGrant in(String where) {
    directory = where;
    return this;
  }

  WireGrant with(String variable) {
    variables.add(variable);
    return this;
  }

  WireGrant cgroup(int kind, String where) {
    kinds.add(kind);
    cgroups.add(where);
    return this;
  }

  WireGrant ends(long afterMillis, long grace) {
    timeoutMillis = afterMillis;
    graceMillis = grace;
    return this;
  }

  WireFrame frame() {
    WireFrame frame =
        WireFrame.of(WireFrame.GRANT).u32(flags).u32(first).str(directory).strings(variables);
    frame.u32(cgroups.size());
    for (int i = 0; i < cgroups.size(); i++) {
      frame.u8(kinds.get(i)).str(cgroups.get(i));
    }
    return frame.u64(timeoutMillis).u64(graceMillis);
  }
}
