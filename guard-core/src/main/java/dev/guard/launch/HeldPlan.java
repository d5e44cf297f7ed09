package dev.guard.launch;

import dev.guard.cgroup.CommandCgroup.Entrance;
import dev.guard.os.OsString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * What a held process is told before all else, see {@code held.c}.
 *
 * @param directory where it goes before the exec; empty: it stays
 * @param files of cgroups, to which it writes 0
 */
record HeldPlan(OsString directory, List<OsString> files) {
  // PLAN_SIZE of held.c.
  private static final int MOST_BYTES = 32 << 10;

  static HeldPlan of(OsString directory, List<Entrance> entrances) {
    List<OsString> files = new ArrayList<>();
    for (Entrance entrance : entrances) {
      if (!entrance.byManager()) {
        files.add(OsString.of(entrance.file().toString()));
      }
    }
    return new HeldPlan(directory, files);
  }

  HeldPlan withoutCgroups() {
    return new HeldPlan(directory, List.of());
  }

  private int size() {
    return directory.length() + 1 + files.stream().mapToInt(f -> f.length() + 1).sum();
  }

  boolean fits() {
    return size() <= MOST_BYTES;
  }

  byte[] bytes() {
    ByteBuffer bytes = ByteBuffer.allocate(4 + size()).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(size()).put(directory.bytes()).put((byte) 0);
    files.forEach(file -> bytes.put(file.bytes()).put((byte) 0));
    return bytes.array();
  }
}
