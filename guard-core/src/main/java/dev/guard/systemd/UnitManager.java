package dev.guard.systemd;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Asks a service manager about its units, and to change them. No call waits for long. */
public interface UnitManager {
  /**
   * Has a transient unit made and started, and returns before it runs.
   *
   * @return false where a unit of this name is there already
   * @throws IOException also when the manager refuses that, or is slow
   */
  boolean start(String unit, List<UnitProperty> properties) throws IOException;

  /** Has a unit ended, and returns before it has. */
  void stop(String unit) throws IOException;

  /**
   * Has a process moved to a cgroup below a delegated unit's.
   *
   * @param cgroup relative to the unit's, with a slash before it
   */
  void attach(String unit, Path cgroup, int pid) throws IOException;

  /**
   * Reads the properties that a unit has for its kind.
   *
   * @return numbers as Long, truth values as Boolean, texts as String, all else as List
   */
  Map<String, Object> properties(String unit) throws IOException;

  /** Lets a connection go that no call has used since the last rest. Waits for nothing. */
  void rest();

  /** Names the units that run and match a pattern, see fnmatch(3). */
  List<String> running(String pattern) throws IOException;
}
