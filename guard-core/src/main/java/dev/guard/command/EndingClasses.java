package dev.guard.command;

import dev.guard.Cause;
import dev.guard.Outcome;
import dev.guard.cgroup.CommandCgroup;
import dev.guard.launch.SpawnLaunch;
import dev.guard.monitor.Monitor;
import dev.guard.monitor.Watch;
import dev.guard.os.MainProcess;
import dev.guard.os.OsException;
import dev.guard.os.Procfs;
import dev.guard.os.WaitStatus;
import dev.guard.process.Descendants;
import dev.guard.process.Kin;
import dev.guard.process.Member;
import dev.guard.process.Tree;
import dev.guard.reap.Reaper;
import dev.guard.record.History;
import dev.guard.report.Journal;
import dev.guard.report.Recorder;
import dev.guard.report.ReportWriter;
import dev.guard.value.Result;
import java.io.IOException;
import java.util.List;
import java.util.Objects;

/**
 * The classes that the end of a command needs. Java loads a class when it is first used, from a
 * file that can not be opened when the program has no descriptor left; and what could not be loaded
 * once is refused for good.
 */
public final class EndingClasses {
  private static final List<Class<?>> HOSTS =
      List.of(
          Cause.class,
          CommandCgroup.class,
          CommandLife.class,
          Result.class,
          History.class,
          Journal.class,
          KeptTrees.class,
          Kin.class,
          MainProcess.class,
          Monitor.class,
          OsException.class,
          Outcome.class,
          Reaper.class,
          Recorder.class,
          ReportWriter.class,
          SpawnLaunch.class,
          Tree.class,
          WaitStatus.class,
          Watch.class);

  private EndingClasses() {}

  /** Loads them. Again: no effect. */
  public static void load(Procfs procfs) throws IOException {
    // The members of a nest are loaded for the answer, also those without a name.
    HOSTS.forEach(host -> Objects.requireNonNull(host.getNestMembers()));
    Descendants.on(procfs).of(Member.NOBODY);
  }
}
