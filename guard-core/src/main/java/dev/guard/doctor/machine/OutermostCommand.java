package dev.guard.doctor.machine;

import dev.guard.Layer;
import dev.guard.LayerName;
import dev.guard.cgroup.CommandCgroup;
import dev.guard.cgroup.CommandCgroups;
import dev.guard.command.Commands;
import dev.guard.record.CommandRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Describes a live command that is not part of another one; a command inside it is bounded by it
 * and not counted again.
 *
 * @param name the command's name, or its id
 * @param openFiles the files that each of the command's processes may have open; empty: no limit of
 *     guard's
 * @param tasks the tasks that the kernel lets the command have at one time; empty: as many as there
 *     can be
 * @param memory the bytes of memory that the kernel lets the command have; empty: as many as there
 *     are
 * @param cgroups the command's cgroups; none where it has none
 * @param processes the command's live processes
 */
public record OutermostCommand(
    String name,
    OptionalLong openFiles,
    OptionalLong tasks,
    OptionalLong memory,
    List<Path> cgroups,
    Set<Integer> processes) {

  /**
   * Finds the commands of this user, by their records; for root those of everybody, by their
   * cgroups.
   */
  public static List<OutermostCommand> all(ExaminedMachine machine) throws IOException {
    List<OutermostCommand> all = new ArrayList<>();
    Commands commands = Commands.toLookAt();
    List<CommandRecord> records = commands.present().records();
    for (CommandRecord record : outermost(records)) {
      Set<Integer> processes = commands.processes(record);
      boolean starts = record.member().isEmpty() && record.guard().lives(machine.procfs());
      if (starts || !processes.isEmpty()) {
        all.add(of(record, processes));
      }
    }
    if (machine.os().userId() == 0) {
      addOthers(machine, ids(records), all);
    }
    return all;
  }

  /** Leaves out the commands that are part of another one of the list. */
  static List<CommandRecord> outermost(List<CommandRecord> records) {
    Set<String> known = ids(records);
    return records.stream().filter(r -> r.outer().filter(known::contains).isEmpty()).toList();
  }

  private static Set<String> ids(List<CommandRecord> records) {
    return records.stream().map(CommandRecord::id).collect(Collectors.toSet());
  }

  static OutermostCommand of(CommandRecord record, Set<Integer> processes) {
    return new OutermostCommand(
        record.name().orElse(record.id()),
        limit(record, LayerName.OPEN_FILES),
        limit(record, LayerName.PIDS),
        limit(record, LayerName.MEMORY),
        record.member().map(m -> m.cgroups()).orElse(List.of()),
        processes);
  }

  private static OptionalLong limit(CommandRecord record, LayerName name) {
    return record.layers().stream()
        .filter(l -> l.name() == name && l.state() == Layer.State.ACTIVE)
        .filter(l -> l.limit().matches("[0-9]{1,18}"))
        .mapToLong(l -> Long.parseLong(l.limit()))
        .findFirst();
  }

  // ---- of other users

  /**
   * Adds other users' commands by their cgroups, which are the kernel's: their records are theirs
   * to write, and who reads such a file can be made to wait or to read anything.
   */
  private static void addOthers(
      ExaminedMachine machine, Set<String> known, List<OutermostCommand> all) throws IOException {
    Map<String, List<Path>> cgroups =
        CommandCgroups.ofAll(machine.procfs(), machine.cgroupfs(), machine.os().pid());
    for (Map.Entry<String, List<Path>> entry : cgroups.entrySet()) {
      boolean inner = entry.getValue().stream().anyMatch(CommandCgroups::isInner);
      if (inner || known.contains(entry.getKey())) {
        continue;
      }
      Set<Integer> processes = CommandCgroup.in(machine.cgroupfs(), entry.getValue()).processes();
      if (!processes.isEmpty()) {
        all.add(ofOther(machine, entry.getKey(), entry.getValue(), processes));
      }
    }
  }

  private static OutermostCommand ofOther(
      ExaminedMachine machine, String id, List<Path> cgroups, Set<Integer> processes)
      throws IOException {
    ResourceCounters usage = new ResourceCounters(machine.cgroupfs());
    OptionalLong openFiles = OptionalLong.empty();
    for (int pid : processes) {
      if (openFiles.isEmpty()) {
        openFiles = OpenFiles.limit(machine.procfs(), pid);
      }
    }
    return new OutermostCommand(
        id,
        openFiles,
        usage.limitOf(ResourceCounters.Resource.TASKS, cgroups),
        usage.limitOf(ResourceCounters.Resource.MEMORY, cgroups),
        cgroups,
        processes);
  }
}
