package dev.guard.doctor.leak;

import dev.guard.doctor.finding.Check;
import dev.guard.doctor.finding.Finding;
import dev.guard.doctor.finding.Remedy;
import dev.guard.doctor.machine.ExaminedMachine;
import dev.guard.doctor.machine.OpenFiles;
import dev.guard.doctor.machine.OutermostCommand;
import dev.guard.doctor.machine.ResourceCounters;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;

/** Finds the commands that have used up most of a limit, their own or one above them. */
final class NearLimits {
  private static final int NEAR_PERCENT = 80;
  private static final String COMMAND = "command ";

  private final ExaminedMachine machine;
  private final ResourceCounters usage;

  NearLimits(ExaminedMachine machine) {
    this.machine = machine;
    this.usage = new ResourceCounters(machine.cgroupfs());
  }

  // ---- tasks and memory

  List<Finding> findings(List<OutermostCommand> commands) throws IOException {
    List<Finding> near = new ArrayList<>();
    Set<Path> above = new TreeSet<>();
    for (OutermostCommand command : commands) {
      for (ResourceCounters.Resource resource : ResourceCounters.Resource.values()) {
        Optional<Path> place = usage.place(resource, command.cgroups());
        if (place.isPresent()) {
          look(resource, place.get(), COMMAND + command.name()).ifPresent(near::add);
          for (Path p = place.get().getParent(); p != null; p = p.getParent()) {
            above.add(p);
          }
        }
      }
    }
    for (Path cgroup : above) {
      for (ResourceCounters.Resource resource : ResourceCounters.Resource.values()) {
        look(resource, cgroup, cgroup.toString()).ifPresent(near::add);
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

  private Optional<Finding> look(ResourceCounters.Resource resource, Path cgroup, String subject)
      throws IOException {
    OptionalLong limit = usage.limit(resource, cgroup);
    OptionalLong current = usage.current(resource, cgroup);
    if (limit.isEmpty() || current.isEmpty() || !isNear(current.getAsLong(), limit.getAsLong())) {
      return Optional.empty();
    }
    String what = resource == ResourceCounters.Resource.TASKS ? "tasks" : "bytes of memory";
    return Optional.of(
        Finding.caution(
            Check.NEAR_LIMIT,
            subject,
            subject + " has " + current.getAsLong() + " of " + limit.getAsLong() + " " + what,
            new Remedy.Advice(
                subject.startsWith(COMMAND)
                    ? "See what it does (guard ps); stop it, or start it again with a higher limit."
                    : "See what takes so much there (systemd-cgtop, guard ps); raise its limit, or"
                        + " run less in it.")));
  }

  private static boolean isNear(long current, long limit) {
    return current >= limit / 100.0 * NEAR_PERCENT;
  }

  // ---- open files

  /** Reports for each command its process that has the fewest open files left. */
  List<Finding> descriptors(List<OutermostCommand> commands) throws IOException {
    List<Finding> near = new ArrayList<>();
    List<String> most = new ArrayList<>();
    for (OutermostCommand command : commands) {
      Optional<OpenCount> fullest = fullest(command);
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

  private static Finding caution(OutermostCommand command, String line) {
    return Finding.caution(
        Check.DESCRIPTORS,
        "command " + command.name(),
        line,
        new Remedy.Advice(
            "See with ls -l /proc/PID/fd what it keeps open; a leak is its own to mend, else start"
                + " it again with more open_files."));
  }

  private record OpenCount(int pid, int count, long limit) {
    double share() {
      return (double) count / limit;
    }

    String text() {
      return "process " + pid + " has " + count + " of " + limit + " open files";
    }
  }

  private Optional<OpenCount> fullest(OutermostCommand command) throws IOException {
    Optional<OpenCount> fullest = Optional.empty();
    for (int pid : command.processes()) {
      Optional<OpenCount> one = open(pid);
      if (one.isPresent() && (fullest.isEmpty() || one.get().share() > fullest.get().share())) {
        fullest = one;
      }
    }
    return fullest;
  }

  private Optional<OpenCount> open(int pid) throws IOException {
    try {
      OptionalLong limit = OpenFiles.limit(machine.procfs(), pid);
      return limit.isEmpty()
          ? Optional.empty()
          : Optional.of(
              new OpenCount(
                  pid, machine.procfs().descriptors(pid), Math.max(1, limit.getAsLong())));
    } catch (AccessDeniedException e) {
      // The process has changed its user, or may not be looked into (PR_SET_DUMPABLE).
      return Optional.empty();
    }
  }
}
