package dev.guard.doctor.headroom;

import dev.guard.doctor.finding.Check;
import dev.guard.doctor.finding.Finding;
import dev.guard.doctor.finding.Findings;
import dev.guard.doctor.headroom.Demand.CommandDemand;
import dev.guard.doctor.machine.ExaminedMachine;
import dev.guard.doctor.machine.OutermostCommand;
import dev.guard.doctor.machine.ResourceCounters;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Function;

/** The area HEADROOM. */
public final class HeadroomChecks {
  private final ExaminedMachine machine;
  private final ResourceCounters usage;

  public HeadroomChecks(ExaminedMachine machine) {
    this.machine = machine;
    this.usage = new ResourceCounters(machine.cgroupfs());
  }

  public List<Finding> findings() throws IOException {
    return findings(OutermostCommand.all(machine));
  }

  List<Finding> findings(List<OutermostCommand> commands) throws IOException {
    MachineCapacity capacity = MachineCapacity.of(machine.procfs());
    List<Finding> findings = new ArrayList<>();
    findings.add(
        Headroom.openFiles(commands.stream().map(OutermostCommand::openFiles).toList(), capacity));
    findings.add(
        Headroom.openFilesOfOne(
            machine.config().openFiles().map(OptionalLong::of).orElse(OptionalLong.empty()),
            capacity));
    findings.addAll(
        Findings.orUnable(
            Check.TASKS,
            () -> {
              Demand demand =
                  demand(commands, OutermostCommand::tasks, ResourceCounters.Resource.TASKS);
              return List.of(Headroom.tasks(commands.size(), demand, capacity));
            }));
    findings.addAll(
        Findings.orUnable(
            Check.MEMORY,
            () -> {
              Demand demand =
                  demand(commands, OutermostCommand::memory, ResourceCounters.Resource.MEMORY);
              return List.of(Headroom.memory(commands.size(), demand, capacity));
            }));
    return findings;
  }

  private Demand demand(
      List<OutermostCommand> commands,
      Function<OutermostCommand, OptionalLong> limit,
      ResourceCounters.Resource resource)
      throws IOException {
    List<CommandDemand> all = new ArrayList<>();
    for (OutermostCommand command : commands) {
      all.add(
          new CommandDemand(usage.placeBelow(resource, command.cgroups()), limit.apply(command)));
    }
    return Demand.of(all, (Path cgroup) -> usage.limit(resource, cgroup));
  }
}
