package dev.guard.doctor;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;

/** Commands that have used up most of a limit, their own or one above them. */
final class NearLimits {
  private static final int NEAR_PERCENT = 80;
  private static final String COMMAND = "command ";

  private final Patient patient;
  private final Usage usage;

  NearLimits(Patient patient) {
    this.patient = patient;
    this.usage = new Usage(patient.cgroupfs());
  }

  // ---- tasks and memory

  List<Finding> findings(List<Guarded> commands) throws IOException {
    List<Finding> near = new ArrayList<>();
    Set<Path> above = new TreeSet<>();
    for (Guarded command : commands) {
      for (Usage.Kind kind : Usage.Kind.values()) {
        Optional<Path> place = usage.place(kind, command.cgroups());
        if (place.isPresent()) {
          look(kind, place.get(), COMMAND + command.name()).ifPresent(near::add);
          for (Path p = place.get().getParent(); p != null; p = p.getParent()) {
            above.add(p);
          }
        }
      }
    }
    for (Path cgroup : above) {
      for (Usage.Kind kind : Usage.Kind.values()) {
        look(kind, cgroup, cgroup.toString()).ifPresent(near::add);
      }
    }
    return near.isEmpty()
        ? List.of(
            Finding.pass(
                Check.NEAR_LIMIT,
                "",
                "of " + commands.size() + " commands none is near a limit of tasks or memory"))
        : near;
  }

  private Optional<Finding> look(Usage.Kind kind, Path cgroup, String subject) throws IOException {
    OptionalLong limit = usage.limit(kind, cgroup);
    OptionalLong current = usage.current(kind, cgroup);
    if (limit.isEmpty() || current.isEmpty() || !isNear(current.getAsLong(), limit.getAsLong())) {
      return Optional.empty();
    }
    String what = kind == Usage.Kind.TASKS ? "tasks" : "bytes of memory";
    return Optional.of(
        Finding.caution(
            Check.NEAR_LIMIT,
            subject,
            subject + " has " + current.getAsLong() + " of " + limit.getAsLong() + " " + what,
            new Remedy.Person(
                subject.startsWith(COMMAND)
                    ? "See what it does (guard ps); stop it, or start it again with a higher limit."
                    : "See what takes so much there (systemd-cgtop, guard ps); raise its limit, or"
                        + " run less in it.")));
  }

  private static boolean isNear(long current, long limit) {
    return current >= limit / 100.0 * NEAR_PERCENT;
  }

  // ---- open files

  /** For each command its process with the least left. */
  List<Finding> descriptors(List<Guarded> commands) throws IOException {
    List<Finding> near = new ArrayList<>();
    List<String> most = new ArrayList<>();
    for (Guarded command : commands) {
      Optional<Open> fullest = fullest(command);
      if (fullest.isPresent()) {
        String line = "command " + command.name() + ": " + fullest.get().text();
        if (isNear(fullest.get().count(), fullest.get().limit())) {
          near.add(caution(command, line));
        } else {
          most.add(line);
        }
      }
    }
    if (near.isEmpty() || !most.isEmpty()) {
      String reason =
          near.isEmpty()
              ? "of " + commands.size() + " commands none is near its limit of open files"
              : most.size() + " commands are not near their limit of open files";
      near.add(Finding.pass(Check.DESCRIPTORS, "", reason).with(LeakChecks.first(most)));
    }
    return near;
  }

  private static Finding caution(Guarded command, String line) {
    return Finding.caution(
        Check.DESCRIPTORS,
        "command " + command.name(),
        line,
        new Remedy.Person(
            "See with ls -l /proc/PID/fd what it keeps open; a leak is its own to mend, else start"
                + " it again with more open_files."));
  }

  private record Open(int pid, int count, long limit) {
    double share() {
      return (double) count / limit;
    }

    String text() {
      return "process " + pid + " has " + count + " of " + limit + " open files";
    }
  }

  private Optional<Open> fullest(Guarded command) throws IOException {
    Optional<Open> fullest = Optional.empty();
    for (int pid : command.processes()) {
      Optional<Open> one = open(pid);
      if (one.isPresent() && (fullest.isEmpty() || one.get().share() > fullest.get().share())) {
        fullest = one;
      }
    }
    return fullest;
  }

  private Optional<Open> open(int pid) throws IOException {
    try {
      OptionalLong limit = OpenFiles.limit(patient.procfs(), pid);
      return limit.isEmpty()
          ? Optional.empty()
          : Optional.of(
              new Open(pid, patient.procfs().descriptors(pid), Math.max(1, limit.getAsLong())));
    } catch (AccessDeniedException e) {
      // It has changed its user, or is not to be looked into (PR_SET_DUMPABLE).
      return Optional.empty();
    }
  }
}
