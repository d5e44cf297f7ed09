package dev.guard.command;

import dev.guard.Cause;
import dev.guard.ExitStatus;
import dev.guard.Outcome;
import dev.guard.cgroup.CgroupCounters;
import dev.guard.cgroup.CgroupKiller;
import dev.guard.cgroup.CgroupMembers;
import dev.guard.cgroup.CommandCgroup;
import dev.guard.cgroup.Freezers;
import dev.guard.launch.HeldLaunch;
import dev.guard.launch.SpawnLaunch;
import dev.guard.monitor.Monitor;
import dev.guard.monitor.Watch;
import dev.guard.os.MainProcess;
import dev.guard.os.OsException;
import dev.guard.os.ProcessStatus;
import dev.guard.os.Procfs;
import dev.guard.os.WaitStatus;
import dev.guard.os.WaitedChild;
import dev.guard.process.Descendants;
import dev.guard.process.Member;
import dev.guard.process.Tree;
import dev.guard.reap.Reaper;
import dev.guard.record.CommandRecord;
import dev.guard.record.History;
import dev.guard.record.LayersJson;
import dev.guard.report.Journal;
import dev.guard.report.Recorder;
import dev.guard.report.ReportWriter;
import dev.guard.value.Ending;
import dev.guard.value.Result;
import java.io.IOException;
import java.util.List;
import java.util.Objects;

/**
 * This class loads the classes that the end of a command needs before that needs them. Java loads a
 * class when it is first used, from a file that can not be opened when the program has no
 * descriptor left; and a class that could not be loaded once is refused for good.
 */
final class EndingClasses {
  private static final List<Class<?>> HOSTS =
      List.of(
          Caller.class,
          Cause.class,
          CgroupCounters.class,
          CgroupKiller.class,
          CgroupMembers.class,
          CommandCleanup.class,
          CommandContext.class,
          CommandLife.class,
          CommandRecord.class,
          CommandRelease.class,
          CommandTree.class,
          Ending.class,
          ExitStatus.class,
          Freezers.class,
          HeldLaunch.class,
          History.class,
          Journal.class,
          KeptTrees.class,
          LayersJson.class,
          MainProcess.class,
          WaitedChild.class,
          Monitor.class,
          OsException.class,
          Outcome.class,
          ProcessStatus.class,
          RecordedStrays.class,
          ReportWriter.class,
          Result.class,
          RunnerContext.class,
          SpawnLaunch.class,
          WaitStatus.class,
          Watch.class);

  private EndingClasses() {}

  /** Loads all these classes. A second call has no effect. */
  static void load(Procfs procfs) throws IOException {
    // The members of a nest are loaded for the answer, also those without a name.
    for (List<Class<?>> hosts :
        List.of(HOSTS, CommandCgroup.CLASSES, Tree.CLASSES, Reaper.CLASSES, Recorder.CLASSES)) {
      hosts.forEach(host -> Objects.requireNonNull(host.getNestMembers()));
    }
    Descendants.on(procfs).of(Member.NOBODY);
  }
}
