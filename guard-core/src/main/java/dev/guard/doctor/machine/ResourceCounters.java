package dev.guard.doctor.machine;

import dev.guard.os.Cgroupfs;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Reads how much a cgroup has of a resource, and may have, in the files of v2 or of v1. */
public record ResourceCounters(Cgroupfs fs) {
  // memory.limit_in_bytes of v1 says this much, rounded down to a page, for no limit.
  private static final long NONE = 1L << 62;

  /** Names the files in which a resource is counted and limited. */
  public enum Resource {
    /** The resource of processes and threads. */
    TASKS(List.of("pids.max"), List.of("pids.current")),
    /** The resource of memory, in bytes. */
    MEMORY(
        List.of("memory.max", "memory.limit_in_bytes"),
        List.of("memory.current", "memory.usage_in_bytes"));

    private final List<String> limits;
    private final List<String> counts;

    Resource(List<String> limits, List<String> counts) {
      this.limits = limits;
      this.counts = counts;
    }
  }

  /** Answers the limit of this cgroup itself; empty where it has none, or has gone. */
  public OptionalLong limit(Resource resource, Path cgroup) throws IOException {
    OptionalLong limit = first(cgroup, resource.limits);
    return limit.isPresent() && limit.getAsLong() >= NONE ? OptionalLong.empty() : limit;
  }

  /**
   * Answers the one of a command's cgroups where the resource is counted; empty when no cgroup
   * counts it.
   */
  public Optional<Path> place(Resource resource, List<Path> cgroups) {
    return cgroups.stream()
        .filter(c -> resource.counts.stream().anyMatch(file -> fs.has(c, file)))
        .findFirst();
  }

  /**
   * Answers the cgroup that stands for a command where the resource is counted: its own, or, where
   * it has no such controller, the one right below the first cgroup above that counts it.
   */
  public Optional<Path> placeBelow(Resource resource, List<Path> cgroups) {
    Optional<Path> own = place(resource, cgroups);
    for (Path cgroup : own.isPresent() ? List.<Path>of() : cgroups) {
      for (Path p = cgroup; p.getParent() != null; p = p.getParent()) {
        if (place(resource, List.of(p.getParent())).isPresent()) {
          return Optional.of(p);
        }
      }
    }
    return own;
  }

  /** Answers the limit of a command. */
  OptionalLong limitOf(Resource resource, List<Path> cgroups) throws IOException {
    Optional<Path> place = place(resource, cgroups);
    return place.isPresent() ? limit(resource, place.get()) : OptionalLong.empty();
  }

  /**
   * Answers how much a cgroup has now; of memory without the pages that the kernel would give back
   * first.
   */
  public OptionalLong current(Resource resource, Path cgroup) throws IOException {
    OptionalLong all = first(cgroup, resource.counts);
    if (resource == Resource.TASKS || all.isEmpty()) {
      return all;
    }
    return OptionalLong.of(Math.max(0, all.getAsLong() - cached(cgroup)));
  }

  /**
   * Answers the pages of files that nobody has used lately: a build fills any limit with them,
   * unharmed.
   */
  private long cached(Path cgroup) throws IOException {
    try {
      Map<String, Long> counters = fs.counters(cgroup, "memory.stat");
      return counters.getOrDefault(
          "total_inactive_file", counters.getOrDefault("inactive_file", 0L));
    } catch (NoSuchFileException e) {
      return 0;
    }
  }

  private OptionalLong first(Path cgroup, List<String> files) throws IOException {
    for (String file : files) {
      OptionalLong number = fs.number(cgroup, file);
      if (number.isPresent()) {
        return number;
      }
    }
    return OptionalLong.empty();
  }
}
