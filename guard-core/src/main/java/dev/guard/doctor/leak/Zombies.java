package dev.guard.doctor.leak;

import dev.guard.cgroup.CommandCgroups;
import dev.guard.doctor.finding.Check;
import dev.guard.doctor.finding.Finding;
import dev.guard.doctor.finding.Remedy;
import dev.guard.doctor.machine.ExaminedMachine;
import dev.guard.os.Procfs;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Finds the processes that have ended and that their parents do not wait for. */
final class Zombies {
  private final ExaminedMachine machine;
  private final List<Procfs.Stat> before;

  private Zombies(ExaminedMachine machine, List<Procfs.Stat> before) {
    this.machine = machine;
    this.before = before;
  }

  /** Notes the zombies that there are now; every process is one for a moment. */
  static Zombies now(ExaminedMachine machine) throws IOException {
    List<Procfs.Stat> zombies = new ArrayList<>();
    for (int pid : machine.procfs().pids()) {
      zombie(machine, pid).ifPresent(zombies::add);
    }
    return new Zombies(machine, zombies);
  }

  private static Optional<Procfs.Stat> zombie(ExaminedMachine machine, int pid) throws IOException {
    try {
      int self = machine.os().userId();
      Optional<Procfs.Stat> stat = machine.procfs().stat(pid).filter(Procfs.Stat::ended);
      boolean looked =
          stat.isPresent()
              && (self == 0 || machine.procfs().user(pid).filter(u -> u == self).isPresent());
      return looked ? stat : Optional.empty();
    } catch (FileSystemException e) {
      // The process is another user's, hidden by hidepid.
      return Optional.empty();
    }
  }

  /** Reports the noted processes that still are zombies, by their parents. */
  List<Finding> findings() throws IOException {
    Map<Integer, List<Procfs.Stat>> byParent = new TreeMap<>();
    for (Procfs.Stat zombie : before) {
      Optional<Procfs.Stat> now = zombie(machine, zombie.pid());
      if (now.filter(s -> s.startTicks() == zombie.startTicks()).isPresent()) {
        byParent.computeIfAbsent(now.get().parent(), p -> new ArrayList<>()).add(zombie);
      }
    }
    List<Finding> findings = new ArrayList<>();
    for (Map.Entry<Integer, List<Procfs.Stat>> parent : byParent.entrySet()) {
      findings.add(finding(parent.getKey(), parent.getValue()));
    }
    return findings.isEmpty()
        ? List.of(Finding.pass(Check.ZOMBIES, "", "no process waits in vain for its parent"))
        : findings;
  }

  /**
   * Says what to do about a zombie's parent, but never to end process 1 or a process that Guard
   * does not know.
   */
  private Remedy remedy(int parent, String who) throws IOException {
    Optional<String> command =
        machine.procfs().text(parent, "cgroup").flatMap(CommandCgroups::idOf);
    if (command.isPresent()) {
      return new Remedy.Advice(
          "Have "
              + who
              + " wait for its children, or stop the command that it belongs to: guard stop "
              + command.get());
    }
    return new Remedy.Advice(
        parent == 1
            ? "Start this container with a process 1 that waits for orphans, for example guard exec"
                + " or tini; they do no harm until there are thousands."
            : "Have "
                + who
                + " wait for its children, which is its own to mend: they go when it does.");
  }

  private Finding finding(int parent, List<Procfs.Stat> zombies) throws IOException {
    String name = machine.procfs().stat(parent).map(Procfs.Stat::command).orElse("?");
    String who = "process " + parent + " (" + name + ")";
    return Finding.caution(
            Check.ZOMBIES,
            "process " + parent,
            who + " does not wait for children that have ended: " + zombies.size(),
            remedy(parent, who))
        .with(
            LeakChecks.first(
                zombies.stream()
                    .map(z -> "process " + z.pid() + " (" + z.command() + ")")
                    .toList()));
  }
}
