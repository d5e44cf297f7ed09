package dev.guard.launch;

import dev.guard.cgroup.CommandCgroup;
import dev.guard.config.GuardConfig;
import dev.guard.launch.HeldWord.What;
import dev.guard.os.Errno;
import dev.guard.os.MainProcess;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.OsString;
import dev.guard.os.ProcessId;
import dev.guard.os.Procfs;
import dev.guard.os.SpawnSpec;
import dev.guard.os.WaitedChild;
import dev.guard.value.Environment;
import dev.guard.value.Request;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Makes processes as children of this one by a small native program, which joins the command's
 * cgroup itself, waits to be released, and executes the command. It is cheaper than {@link
 * SpawnLaunch}, which needs a thread and a FIFO for each command, and whose writes to a cgroup wait
 * for all processors. Where the program can not be executed, that one does it.
 */
public final class HeldLaunch implements Launch {
  private static final int HELD_PATIENCE_MILLIS = 60_000;
  private static final OsString NO_DIRECTORY = OsString.of("");

  private final Os os;
  private final Procfs procfs;
  private final ShellLifeline lifeline;
  private final HeldProgram program;
  private final SpawnLaunch otherwise;

  private HeldLaunch(
      Os os, Procfs procfs, ShellLifeline lifeline, HeldProgram program, SpawnLaunch otherwise) {
    this.os = os;
    this.procfs = procfs;
    this.lifeline = lifeline;
    this.program = program;
    this.otherwise = otherwise;
  }

  /** Makes one, or answers the other where this machine or library has no such program. */
  public static Launch orElse(SpawnLaunch otherwise, Os os, Procfs procfs, ShellLifeline lifeline)
      throws IOException {
    Optional<HeldProgram> program = HeldProgram.open(os);
    return program.isPresent()
        ? new HeldLaunch(os, procfs, lifeline, program.get(), otherwise)
        : otherwise;
  }

  @Override
  public void check(Request request) throws IOException, NotExecutedException {
    Program.check(os, request);
  }

  @Override
  public boolean joinsByItself() {
    return true;
  }

  @Override
  public Held hold(
      String id,
      Request request,
      StandardStreams streams,
      boolean asScript,
      CommandCgroup cgroup,
      GuardConfig config,
      Consumer<LeftAtGate> left)
      throws IOException, NotExecutedException {
    Program found = Program.find(os, request);
    HeldPlan plan = HeldPlan.of(request.directory().orElse(NO_DIRECTORY), cgroup.entrances());
    if (!plan.fits()) {
      return otherwise.hold(id, request, streams, asScript, cgroup, config, left);
    }
    Attempt attempt = new Attempt(id, request, streams, found, asScript, left);
    Optional<HeldProcess> made = attempt.make(plan);
    if (made.isPresent() && made.get().heard() == What.NOT_IN_CGROUP) {
      // This side may move it, which says which limit a hierarchy refuses.
      attempt.end(made.get());
      made = attempt.make(plan.withoutCgroups());
    }
    if (made.isEmpty()) {
      return otherwise.hold(id, request, streams, asScript, cgroup, config, left);
    }
    return made.get();
  }

  /** What is the same for each try to make one process. */
  private final class Attempt {
    private final String id;
    private final Request request;
    private final StandardStreams streams;
    private final Program executed;
    private final boolean asScript;
    private final Consumer<LeftAtGate> left;

    Attempt(
        String id,
        Request request,
        StandardStreams streams,
        Program found,
        boolean asScript,
        Consumer<LeftAtGate> left) {
      this.id = id;
      this.request = request;
      this.streams = streams;
      this.executed = asScript ? found.asShellScript() : found;
      this.asScript = asScript;
      this.left = left;
    }

    /** Makes it; empty where the native program can not be executed here. */
    Optional<HeldProcess> make(HeldPlan plan) throws IOException, NotExecutedException {
      int[] ends = os.pair();
      Optional<HeldProcess> made = Optional.empty();
      try {
        try {
          os.write(ends[0], plan.bytes());
          made = spawn(ends);
        } finally {
          os.close(ends[1]);
        }
        if (made.isPresent()) {
          made.get().hear(HELD_PATIENCE_MILLIS);
        }
      } catch (NotExecutedException | IOException | RuntimeException | Error e) {
        if (made.isPresent()) {
          made.get().endOrLeave(left, e);
        } else {
          os.close(ends[0]);
        }
        throw e;
      }
      if (made.isEmpty()) {
        os.close(ends[0]);
      }
      return made;
    }

    /** Ends one that is not where it should be; where that fails, its place stays taken. */
    void end(HeldProcess process) throws IOException {
      try {
        process.end();
      } catch (IOException e) {
        left.accept(process);
        throw e;
      }
    }

    private Optional<HeldProcess> spawn(int[] ends) throws IOException, NotExecutedException {
      int pid;
      try {
        pid = os.spawn(spec(ends[1]));
      } catch (OsException e) {
        return refused(e);
      }
      // It is a child of ours, which nobody else waits for: it can be killed by its number.
      boolean leads = !request.foreground();
      OsString name = request.argv().get(0);
      MainProcess main = new WaitedChild(os, new ProcessId(pid, 0), -1, leads);
      try {
        ProcessId process = SpawnLaunch.identity(procfs, pid);
        main = new WaitedChild(os, process, os.pidfd(pid), leads);
        lifeline.group(id, process);
      } catch (IOException | RuntimeException | Error e) {
        new HeldProcess(os, name, main, -1, asScript).endOrLeave(left, e);
        throw e;
      }
      return Optional.of(new HeldProcess(os, name, main, ends[0], asScript));
    }

    private Optional<HeldProcess> refused(OsException e) throws IOException, NotExecutedException {
      switch (e.errno()) {
        case Errno.E2BIG -> throw NotExecutedException.of(request.argv().get(0), e.errno());
          // A machine that is full is no reason to try another way.
        case Errno.EAGAIN, Errno.ENOMEM -> throw e;
        default -> {
          return Optional.empty();
        }
      }
    }

    private SpawnSpec spec(int control) {
      List<SpawnSpec.Descriptor> descriptors = new ArrayList<>(streams.ofChild());
      request.descriptors().forEach(fd -> descriptors.add(new SpawnSpec.Descriptor(fd, fd)));
      int highest = descriptors.stream().mapToInt(SpawnSpec.Descriptor::to).max().orElse(0);
      int number = Math.max(highest, 2) + 1;
      descriptors.add(new SpawnSpec.Descriptor(control, number));
      List<OsString> argv = new ArrayList<>();
      argv.addAll(List.of(program.name(), OsString.of("" + number), executed.path()));
      argv.addAll(executed.argv());
      Environment environment = request.environment().with("GUARD_ID", OsString.of(id));
      return new SpawnSpec(
          program.path(),
          argv,
          environment.entries(),
          null,
          descriptors,
          new SpawnSpec.SignalDefaults(request.ignoredSignals()),
          request.foreground() ? SpawnSpec.Leads.NOTHING : SpawnSpec.Leads.GROUP,
          null);
    }
  }

  @Override
  public void close() throws IOException {
    program.close();
  }
}
