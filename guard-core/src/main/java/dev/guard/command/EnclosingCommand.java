package dev.guard.command;

import dev.guard.cgroup.CommandCgroups;
import dev.guard.os.Kernel;
import dev.guard.os.Os;
import dev.guard.os.OsString;
import dev.guard.os.ProcessId;
import dev.guard.os.Procfs;
import dev.guard.record.CommandRecord;
import dev.guard.record.RecordFiles;
import dev.guard.store.StoreDirectory;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * This class finds out whether this process is part of a guarded command, by what it can not
 * change: the cgroups of its ancestors, and their places in the records of commands that live. The
 * process's own variables prove nothing.
 */
public final class EnclosingCommand {
  private static final String RUNTIME = "XDG_RUNTIME_DIR=";

  private final Os os;
  private final Procfs procfs;

  private EnclosingCommand(Kernel kernel) {
    this.os = kernel.os();
    this.procfs = kernel.procfs();
  }

  /**
   * Finds a sign that this process is part of a guarded command, for a message; empty when it is
   * part of none.
   */
  public static Optional<String> sign(Kernel kernel) throws IOException {
    return new EnclosingCommand(kernel).find();
  }

  private Optional<String> find() throws IOException {
    List<ProcessId> above = above();
    for (ProcessId process : above) {
      if (procfs.text(process.pid(), "cgroup").filter(CommandCgroups::isInOne).isPresent()) {
        boolean isSelf = process.pid() == os.pid();
        String who = isSelf ? "this process" : "process " + process.pid() + " above it";
        return Optional.of(who + " is in the cgroup of one");
      }
    }
    for (CommandRecord record : records(above)) {
      if (above.stream().anyMatch(p -> isOf(record, p))) {
        return Optional.of("it descends from command " + record.id());
      }
    }
    return Optional.empty();
  }

  /** Lists this process and its ancestors. */
  private List<ProcessId> above() throws IOException {
    List<ProcessId> above = new ArrayList<>();
    Optional<Procfs.Stat> stat = procfs.stat(os.pid());
    while (stat.isPresent() && !above.contains(stat.get().id())) {
      above.add(stat.get().id());
      stat = procfs.stat(stat.get().parent());
    }
    return above;
  }

  /**
   * Tells whether a process is the main process or a stray of this command, or its guard, to which
   * processes come that have lost their parent.
   */
  private static boolean isOf(CommandRecord record, ProcessId process) {
    return record.guard().equals(process)
        || record.strays().contains(process)
        || record.member().filter(m -> m.mainId().equals(process)).isPresent();
  }

  private Set<CommandRecord> records(List<ProcessId> above) throws IOException {
    Set<Path> stores = new HashSet<>();
    for (Optional<String> runtime : runtimeDirectories(above)) {
      stores.addAll(StoreDirectory.existing(os, procfs, runtime));
    }
    Set<CommandRecord> records = new LinkedHashSet<>();
    for (Path store : stores) {
      records.addAll(new RecordFiles(os, procfs, store).look().records());
    }
    return records;
  }

  /** Collects XDG_RUNTIME_DIR of all ancestors: the caller may have changed its own since. */
  private Set<Optional<String>> runtimeDirectories(List<ProcessId> above) throws IOException {
    Set<Optional<String>> directories = new HashSet<>(Set.of(Optional.empty()));
    for (ProcessId process : above) {
      try {
        procfs.environment(process.pid()).orElse(List.of()).stream()
            .map(OsString::toString)
            .filter(e -> e.startsWith(RUNTIME))
            .forEach(e -> directories.add(Optional.of(e.substring(RUNTIME.length()))));
      } catch (FileSystemException e) {
        // Another user's process, which has no records among this user's.
        continue;
      }
    }
    return directories;
  }
}
