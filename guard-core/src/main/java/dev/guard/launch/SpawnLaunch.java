package dev.guard.launch;

import dev.guard.cgroup.CommandCgroup;
import dev.guard.config.GuardConfig;
import dev.guard.os.MainProcess;
import dev.guard.os.Os;
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
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** Makes processes as children of this one, by posix_spawn(3) with a gate before the exec. */
public final class SpawnLaunch implements Launch {
  private final Os os;
  private final Procfs procfs;
  private final ShellLifeline lifeline;
  private final Optional<String> runtimeDirectory;

  /**
   * Makes a launch that spawns through {@code os}; a held process fails when {@code lifeline}'s
   * owner dies.
   *
   * @param runtimeDirectory XDG_RUNTIME_DIR of the caller, if it is set
   */
  public SpawnLaunch(
      Os os, Procfs procfs, ShellLifeline lifeline, Optional<String> runtimeDirectory) {
    this.os = os;
    this.procfs = procfs;
    this.lifeline = lifeline;
    this.runtimeDirectory = runtimeDirectory;
  }

  /**
   * Ends the process that waits to be released, and removes its gate, after both who could have
   * done that were killed. A second call, or one where no process waits, has no effect.
   *
   * @param runtimeDirectory XDG_RUNTIME_DIR of whoever gives up, if it is set
   */
  public static void giveUp(Os os, String id, Optional<String> runtimeDirectory)
      throws IOException {
    FifoGate.giveUp(os, id, runtimeDirectory);
  }

  @Override
  public void check(Request request) throws IOException, NotExecutedException {
    Program.check(os, request);
  }

  @Override
  public boolean joinsByItself() {
    return false;
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
    Program program = asScript ? found.asShellScript() : found;
    FifoGate gate = FifoGate.make(os, lifeline, id, runtimeDirectory);
    CompletableFuture<Integer> executed = new CompletableFuture<>();
    Optional<MainProcess> main = Optional.empty();
    try {
      SpawnSpec spec;
      try {
        spec = spec(id, request, program, streams, gate);
      } catch (RuntimeException | Error e) {
        executed.completeExceptionally(e);
        throw e;
      }
      int pid = new SpawnThread(os, procfs, spec, gate, executed).start("guard-spawn-" + id);
      // The process is a child of ours, which nobody else waits for: it can be killed by its
      // number.
      boolean leads = !request.foreground();
      main = Optional.of(new WaitedChild(os, new ProcessId(pid, 0), -1, leads));
      ProcessId process = identity(procfs, pid);
      main = Optional.of(new WaitedChild(os, process, os.pidfd(pid), leads));
      lifeline.group(id, process);
      return new SpawnHeld(os, found.argv().get(0), main.get(), gate, executed, asScript);
    } catch (IOException | RuntimeException | Error e) {
      new SpawnedAtGate(os, main, gate, executed).endOrLeave(left, e);
      throw e;
    }
  }

  private record SpawnedAtGate(
      Os os, Optional<MainProcess> main, FifoGate gate, CompletableFuture<Integer> executed)
      implements LeftAtGate {
    @Override
    public void end() throws IOException {
      SpawnHeld.refuse(os, main, gate, executed);
      if (main.isPresent()) {
        main.get().close();
      }
    }
  }

  private SpawnSpec spec(
      String id, Request request, Program program, StandardStreams streams, FifoGate gate) {
    List<SpawnSpec.Descriptor> descriptors = new ArrayList<>(streams.ofChild());
    request.descriptors().forEach(fd -> descriptors.add(new SpawnSpec.Descriptor(fd, fd)));
    Environment environment = request.environment().with("GUARD_ID", OsString.of(id));
    return new SpawnSpec(
        program.path(),
        program.argv(),
        environment.entries(),
        request.directory().orElse(null),
        descriptors,
        new SpawnSpec.SignalDefaults(request.ignoredSignals()),
        request.foreground() ? SpawnSpec.Leads.NOTHING : SpawnSpec.Leads.GROUP,
        new SpawnSpec.ExecGate(
            lifeline.descriptor(), gate.unknown(), gate.fifo(), gate.alive(), gate.leash()));
  }

  /** Identifies a held process, which must be there. */
  static ProcessId identity(Procfs procfs, int pid) throws IOException {
    return procfs
        .stat(pid)
        .orElseThrow(() -> new IOException("process " + pid + " ended before it was released"))
        .id();
  }
}
