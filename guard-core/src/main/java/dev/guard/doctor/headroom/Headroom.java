package dev.guard.doctor.headroom;

import dev.guard.doctor.finding.Check;
import dev.guard.doctor.finding.Finding;
import dev.guard.doctor.finding.Remedy;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * Judges whether the most that commands may take leaves room for the rest of the host, by
 * arithmetic alone.
 */
final class Headroom {
  /**
   * The percentage that leaves half of the open files: the kernel refuses everybody when the table
   * of open files is full.
   */
  static final int FILES_PERCENT = 50;

  /** The percentage that leaves a fifth of the tasks, as the slice of the sessions does. */
  static final int TASKS_PERCENT = 80;

  /** The percentage that leaves a tenth of the memory, as the slice of the sessions does. */
  static final int MEMORY_PERCENT = 90;

  private static final long LARGEST_PID_MAX = 1L << 22;
  private static final long STACK = 16_384;

  private Headroom() {}

  /**
   * Judges the open files of all commands together.
   *
   * @param limits the limits of the commands, each for one process
   */
  static Finding openFiles(List<OptionalLong> limits, MachineCapacity m) {
    int unlimited = (int) limits.stream().filter(OptionalLong::isEmpty).count();
    long sum = limits.stream().mapToLong(l -> l.orElse(0)).reduce(0, Demand::plus);
    return new Share(
            Check.OPEN_FILES, "fs.file-max", m.fileMax(), FILES_PERCENT, n -> n + " open files")
        .judge(
            new Share.Load(limits.size(), sum, unlimited, m.files()),
            Headroom::moreFiles,
            List.of("each limit is that of one process; a command of many can open more"));
  }

  private static Remedy moreFiles(long enough) {
    return enough == Long.MAX_VALUE
        ? new Remedy.Advice("Give commands a smaller open_files: no table can be as large.")
        : sysctl("file-max", List.of("fs.file-max=" + enough));
  }

  /**
   * Judges the open files of one process.
   *
   * @param asked the limit that the settings ask for; empty: none
   */
  static Finding openFilesOfOne(OptionalLong asked, MachineCapacity m) {
    String subject = "fs.nr_open";
    if (asked.isEmpty() || asked.getAsLong() <= m.nrOpen()) {
      String wanted = asked.isEmpty() ? "no limit" : Long.toString(asked.getAsLong());
      return Finding.pass(
          Check.OPEN_FILES,
          subject,
          "the settings ask for " + wanted + " for one process; fs.nr_open is " + m.nrOpen());
    }
    return Finding.caution(
        Check.OPEN_FILES,
        subject,
        "the settings ask for "
            + asked.getAsLong()
            + " for one process, and no process can have more than fs.nr_open, "
            + m.nrOpen(),
        sysctl("nr-open", List.of("fs.nr_open=" + asked.getAsLong())));
  }

  /** Judges the tasks of all commands together. */
  static Finding tasks(int commands, Demand demand, MachineCapacity m) {
    return new Share(
            Check.TASKS,
            "the lesser of kernel.pid_max and kernel.threads-max",
            m.mostTasks(),
            TASKS_PERCENT,
            n -> n + " tasks")
        .judge(
            new Share.Load(commands, demand.sum(), demand.unlimited(), m.tasks()),
            enough -> moreTasks(enough, m),
            demand.bounds());
  }

  /**
   * Raises the tasks to no more than fit a quarter of the memory, since each thread has a stack in
   * the kernel.
   */
  private static Remedy moreTasks(long enough, MachineCapacity m) {
    if (enough > LARGEST_PID_MAX || enough > m.memory() / 4 / STACK) {
      return new Remedy.Advice(
          "Give commands a smaller pids_max, or run fewer at a time (max_processes): this machine"
              + " has no room for as many tasks.");
    }
    List<String> settings = new ArrayList<>();
    if (m.pidMax() < enough) {
      settings.add("kernel.pid_max=" + enough);
    }
    if (m.threadsMax() < enough) {
      settings.add("kernel.threads-max=" + enough);
    }
    return sysctl("tasks", settings);
  }

  /** Judges the memory of all commands together. */
  static Finding memory(int commands, Demand demand, MachineCapacity m) {
    return new Share(Check.MEMORY, "RAM", m.memory(), MEMORY_PERCENT, Headroom::size)
        .judge(
            new Share.Load(commands, demand.sum(), demand.unlimited(), 0),
            enough ->
                new Remedy.Advice(
                    "Give commands a smaller memory_max, run fewer at a time (max_processes), or"
                        + " have them in sessions, whose slice bounds them all together."),
            demand.bounds());
  }

  private static String size(long bytes) {
    return (bytes >> 20) + " MiB";
  }

  /**
   * Writes a script that changes settings of the kernel now and at every boot; each finding has a
   * file, so that one does not undo another.
   */
  private static Remedy sysctl(String name, List<String> settings) {
    StringBuilder script = new StringBuilder();
    script.append(
        Remedy.write(
            "/etc/sysctl.d/90-guard-" + name + ".conf", String.join("\n", settings) + "\n"));
    settings.forEach(s -> script.append("sysctl -q -w ").append(s).append('\n'));
    return new Remedy.Script(true, script.toString());
  }
}
