package dev.guard.doctor;

import dev.guard.doctor.Demand.One;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Function;

/** The area HEADROOM. */
final class HeadroomChecks {
  private final Patient patient;
  private final Usage usage;

  HeadroomChecks(Patient patient) {
    this.patient = patient;
    this.usage = new Usage(patient.cgroupfs());
  }

  List<Finding> findings() throws IOException {
    return findings(Guarded.all(patient));
  }

  List<Finding> findings(List<Guarded> commands) throws IOException {
    Maxima maxima = Maxima.of(patient.procfs());
    List<Finding> findings = new ArrayList<>();
    findings.add(Headroom.openFiles(commands.stream().map(Guarded::openFiles).toList(), maxima));
    findings.add(
        Headroom.openFilesOfOne(
            patient.config().openFiles().map(OptionalLong::of).orElse(OptionalLong.empty()),
            maxima));
    findings.addAll(
        Doctor.look(
            Check.TASKS,
            () -> {
              Demand demand = demand(commands, Guarded::tasks, Usage.Kind.TASKS);
              return List.of(Headroom.tasks(commands.size(), demand, maxima));
            }));
    findings.addAll(
        Doctor.look(
            Check.MEMORY,
            () -> {
              Demand demand = demand(commands, Guarded::memory, Usage.Kind.MEMORY);
              return List.of(Headroom.memory(commands.size(), demand, maxima));
            }));
    return findings;
  }

  private Demand demand(
      List<Guarded> commands, Function<Guarded, OptionalLong> limit, Usage.Kind kind)
      throws IOException {
    List<One> all = new ArrayList<>();
    for (Guarded command : commands) {
      all.add(new One(usage.placeBelow(kind, command.cgroups()), limit.apply(command)));
    }
    return Demand.of(all, (Path cgroup) -> usage.limit(kind, cgroup));
  }
}
