package dev.guard.doctor.leak;

import dev.guard.command.Commands;
import dev.guard.command.MarkedProcesses;
import dev.guard.command.MarkedProcesses.Doubtful;
import dev.guard.command.Orphans;
import dev.guard.command.Orphans.Orphan;
import dev.guard.doctor.finding.Check;
import dev.guard.doctor.finding.Finding;
import dev.guard.doctor.finding.Findings;
import dev.guard.doctor.finding.Remedy;
import dev.guard.doctor.machine.ExaminedMachine;
import dev.guard.doctor.machine.OutermostCommand;
import dev.guard.record.RecordFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Examines the area LEAKS; orphans are found by the code that reap finds them with. */
public final class LeakChecks {
  private static final int SHOWN = 20;

  private final ExaminedMachine machine;
  private List<OutermostCommand> commands;

  public LeakChecks(ExaminedMachine machine) {
    this.machine = machine;
  }

  public List<Finding> findings() throws IOException {
    // Zombies are looked at before the others, so that it shows whether one stays a zombie.
    Zombies zombies = Zombies.now(machine);
    Commands records = Commands.toLookAt();
    List<Finding> findings = new ArrayList<>();
    List<Orphan> orphans = new ArrayList<>();
    findings.addAll(
        Findings.orUnable(
            Check.ORPHANS,
            () -> {
              orphans.addAll(new Orphans(records).look());
              return List.of(orphans(orphans));
            }));
    findings.addAll(
        Findings.orUnable(
            Check.MARKED, () -> List.of(marked(new MarkedProcesses(records).find()))));
    findings.addAll(
        Findings.orUnable(
            Check.STALE,
            () -> List.of(stale(orphans, records.present(), records.desertedStores()))));
    findings.addAll(
        Findings.orUnable(Check.NEAR_LIMIT, () -> new NearLimits(machine).findings(all())));
    findings.addAll(
        Findings.orUnable(Check.DESCRIPTORS, () -> new NearLimits(machine).descriptors(all())));
    findings.addAll(Findings.orUnable(Check.ZOMBIES, zombies::findings));
    return findings;
  }

  private List<OutermostCommand> all() throws IOException {
    if (commands == null) {
      commands = OutermostCommand.all(machine);
    }
    return commands;
  }

  /** Reports the orphans that have processes. */
  static Finding orphans(List<Orphan> all) {
    List<Orphan> live = all.stream().filter(o -> !o.processes().isEmpty()).toList();
    if (live.isEmpty()) {
      return Finding.pass(
          Check.ORPHANS, "", "every process of this user's commands has somebody who ends it");
    }
    int processes = live.stream().mapToInt(o -> o.processes().size()).sum();
    return Finding.fail(
            Check.ORPHANS,
            "",
            live.size() + " commands with " + processes + " processes that nobody owns",
            reap())
        .with(first(live.stream().map(LeakChecks::describe).toList()));
  }

  /** Reports the processes that reap does not end, since nobody can know whose they are. */
  static Finding marked(List<Doubtful> all) {
    if (all.isEmpty()) {
      return Finding.pass(
          Check.MARKED, "", "no process has the GUARD_ID of a command that has ended");
    }
    List<String> lines =
        all.stream()
            .map(d -> "command " + d.id() + ": processes " + String.join(" ", pids(d.processes())))
            .toList();
    return Finding.caution(
            Check.MARKED,
            "",
            all.size() + " commands have ended, and processes have their GUARD_ID",
            new Remedy.Advice(
                "Ask whoever started them: guard can not know whether they belong to such a command"
                    + " or were only handed its environment, as by at(1), a server of tmux or a"
                    + " saved one."))
        .with(first(lines));
  }

  private static List<String> pids(Set<Integer> processes) {
    return first(processes.stream().map(String::valueOf).toList());
  }

  private static String describe(Orphan orphan) {
    List<String> pids = pids(orphan.processes());
    return "command "
        + orphan.id()
        + ": "
        + orphan.why()
        + "; "
        + (pids.isEmpty() ? "nothing of it lives" : "processes " + String.join(" ", pids));
  }

  /** Reports the files and cgroups in which nothing is alive. */
  static Finding stale(List<Orphan> orphans, RecordFiles.LiveRecords files, List<Path> deserted) {
    List<String> lines = new ArrayList<>();
    for (Orphan orphan : orphans) {
      if (orphan.processes().isEmpty()) {
        lines.add(describe(orphan));
      }
    }
    files.stale().forEach(f -> lines.add(f + ": of another boot, or half written by a dead guard"));
    files.damaged().forEach(d -> lines.add(d.file() + ": damaged, " + d.why()));
    deserted.forEach(s -> lines.add(s + ": of a namespace in which no guard lives"));
    return lines.isEmpty()
        ? Finding.pass(Check.STALE, "", "no record, file or cgroup of what has ended")
        : Finding.caution(
                Check.STALE,
                "",
                lines.size() + " records, files or cgroups of what has ended",
                reap())
            .with(first(lines));
  }

  private static Remedy reap() {
    return new Remedy.Script(false, GuardProgram.words() + " reap\n");
  }

  /** Cuts a list to as many lines as a person reads. */
  static List<String> first(List<String> lines) {
    if (lines.size() <= SHOWN) {
      return lines;
    }
    List<String> shown = new ArrayList<>(lines.subList(0, SHOWN));
    shown.add("and " + (lines.size() - SHOWN) + " more");
    return shown;
  }
}
