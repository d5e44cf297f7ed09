package dev.guard.exec;

import dev.guard.Cause;
import dev.guard.CommandResult;
import dev.guard.Outcome;
import dev.guard.exec.admission.Descendants;
import dev.guard.exec.admission.Kin;
import dev.guard.exec.admission.Member;
import dev.guard.exec.limits.CommandCgroup;
import dev.guard.exec.monitor.Monitor;
import dev.guard.exec.monitor.Watch;
import dev.guard.exec.reap.Reaper;
import dev.guard.exec.reap.Tree;
import dev.guard.exec.record.History;
import dev.guard.exec.record.Journal;
import dev.guard.exec.record.Recorder;
import dev.guard.exec.record.ReportWriter;
import dev.guard.os.MainProcess;
import dev.guard.os.OsException;
import dev.guard.os.Procfs;
import dev.guard.os.WaitStatus;
import java.io.IOException;
import java.util.List;
import java.util.Objects;

/**
 * The classes that the end of a command needs. Java loads a class when it is first used, from a
 * file that can not be opened when the program has no descriptor left; and what could not be loaded
 * once is refused for good.
 */
final class EndingClasses {
  private static final List<Class<?>> HOSTS =
      List.of(
          Cause.class,
          CommandCgroup.class,
          CommandLife.class,
          CommandResult.class,
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
          Tree.class,
          WaitStatus.class,
          Watch.class);

  private EndingClasses() {}

  /** Loads them. Again: no effect. */
  static void load(Procfs procfs) throws IOException {
    // The members of a nest are loaded for the answer, also those without a name.
    HOSTS.forEach(host -> Objects.requireNonNull(host.getNestMembers()));
    Descendants.on(procfs).of(Member.NOBODY);
  }
}
