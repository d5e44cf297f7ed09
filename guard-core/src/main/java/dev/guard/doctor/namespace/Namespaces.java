package dev.guard.doctor.namespace;

import dev.guard.os.Procfs;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Tells the mount namespaces of processes apart. /proc/PID/ns/mnt would name them, but only root
 * may read that of another user's process, and everybody may read mountinfo: no two mounts have the
 * same id, and a new namespace is a copy with new ones. So the id of the mount at / tells them
 * apart.
 */
final class Namespaces {
  private final Procfs procfs;
  private final Map<String, Namespace> known = new HashMap<>();

  Namespaces(Procfs procfs) {
    this.procfs = procfs;
  }

  /**
   * Describes a namespace as seen from one root directory in it.
   *
   * @param key the id of the mount at /; where there is none, the whole table
   */
  record Namespace(String key, MountTable table) {
    /** Compares the key alone: the table belongs to it. */
    @Override
    public boolean equals(Object other) {
      return other instanceof Namespace that && key.equals(that.key);
    }

    @Override
    public int hashCode() {
      return key.hashCode();
    }

    /** Answers the id of the mount at /, if there is one. */
    Optional<Integer> id() {
      return table.root().map(dev.guard.os.Mount::id);
    }
  }

  /** Answers the namespace of a process; empty when it has ended. */
  Optional<Namespace> of(int pid) throws IOException {
    return mountinfo(pid)
        .map(
            text ->
                known.computeIfAbsent(key(text), k -> new Namespace(k, MountTable.parse(text))));
  }

  /** Finds the key without parsing the table: most processes of a host are in one namespace. */
  private static String key(String mountinfo) {
    int start = 0;
    while (start < mountinfo.length()) {
      int end = mountinfo.indexOf('\n', start);
      String line = mountinfo.substring(start, end < 0 ? mountinfo.length() : end);
      String[] fields = line.split(" ", 6);
      if (fields.length == 6 && fields[4].equals("/")) {
        return fields[0];
      }
      start += line.length() + 1;
    }
    return mountinfo;
  }

  private Optional<String> mountinfo(int pid) throws IOException {
    try {
      return procfs.text(pid, "mountinfo");
    } catch (IOException e) {
      // EINVAL: a thread that is ending has no namespace; others of the process may go on.
      Optional<Integer> thread = procfs.liveThread(pid);
      if (thread.isEmpty()) {
        return Optional.empty();
      }
      if (thread.get() == pid) {
        throw e;
      }
      return procfs.text(pid, "task/" + thread.get() + "/mountinfo");
    }
  }
}
