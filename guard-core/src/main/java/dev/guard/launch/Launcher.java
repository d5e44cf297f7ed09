package dev.guard.launch;

import dev.guard.os.MainProcess;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.OsString;
import dev.guard.os.ProcessId;
import dev.guard.os.Procfs;
import dev.guard.os.SpawnSpec;
import dev.guard.value.Environment;
import dev.guard.value.Request;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;

/** Spawns a command's process held: forked, in its own process group, at a gate before its exec. */
public final class Launcher {
  // As short as the kernel makes it: until the process is known it would not end with Guard.
  private static final long POLL_NANOS = 1_000;
  // A fork takes less than a second also where a fork bomb has every processor.
  private static final long PATIENCE_NANOS = 60_000_000_000L;
  private static final Object ONE_SEARCH_AT_A_TIME = new Object();

  private final Os os;
  private final Procfs procfs;
  private final Lifeline lifeline;
  private Optional<LeftAtGate> left = Optional.empty();

  /** Spawns through {@code os}; what is held fails when {@code lifeline}'s owner dies. */
  public Launcher(Os os, Procfs procfs, Lifeline lifeline) {
    this.os = os;
    this.procfs = procfs;
    this.lifeline = lifeline;
  }

  /** Looks at a request's directory and program before anything is reserved or spawned for it. */
  public void check(Request request) throws IOException, NotExecutedException {
    if (request.directory().isPresent() && !os.isDirectory(request.directory().get())) {
      throw new IOException(
          request.directory().get() + ": not a directory that can be entered; name another");
    }
    Program.find(os, request);
  }

  /**
   * Ends what waits to be released, and removes where it waits, after both who could have done that
   * were killed. Again, or where nothing waits: no effect.
   */
  public static void giveUp(Os os, String id) throws IOException {
    Gate.giveUp(os, id);
  }

  /**
   * Spawns the request's process and waits until it is at the gate.
   *
   * @param asScript whether the program is a script without an interpreter line, for the shell
   */
  public Held hold(String id, Request request, StandardStreams streams, boolean asScript)
      throws IOException, NotExecutedException {
    Program found = Program.find(os, request);
    Program program = asScript ? found.asShellScript() : found;
    Gate gate = Gate.make(os, lifeline, id);
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
      int pid =
          procfs.listsChildren()
              ? spawn(id, spec, gate, executed)
              : spawnAlone(id, spec, gate, executed);
      // A child of ours, which nobody else waits for: it can be killed by its number.
      boolean leads = !request.foreground();
      main = Optional.of(new MainProcess(os, new ProcessId(pid, 0), -1, leads));
      ProcessId process = identity(pid);
      main = Optional.of(new MainProcess(os, process, os.pidfd(pid), leads));
      lifeline.group(id, process);
      return new Held(os, found.argv().get(0), main.get(), gate, executed, asScript);
    } catch (IOException | RuntimeException | Error e) {
      refuse(main, gate, executed, e);
      throw e;
    }
  }

  /** What failed first is what is told of. */
  private void refuse(
      Optional<MainProcess> main, Gate gate, CompletableFuture<Integer> executed, Throwable first) {
    LeftAtGate spawned = new LeftAtGate(os, main, gate, executed);
    left = Optional.of(spawned);
    try {
      spawned.end();
      left = Optional.empty();
    } catch (IOException e) {
      first.addSuppressed(e);
    }
  }

  /** What {@link #hold} had spawned before it failed, and could not end. */
  public Optional<LeftAtGate> left() {
    return left;
  }

  private SpawnSpec spec(
      String id, Request request, Program program, StandardStreams streams, Gate gate) {
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

  /**
   * posix_spawn returns only after the exec, so it runs on a thread of its own, whose only child is
   * the new process. Answers its pid once it has its own process group.
   */
  private int spawn(String id, SpawnSpec spec, Gate gate, CompletableFuture<Integer> executed)
      throws IOException {
    CompletableFuture<Integer> tid = new CompletableFuture<>();
    boolean listed = procfs.listsChildren();
    Set<Integer> before;
    try {
      Thread thread = new Thread(() -> run(spec, tid, executed), "guard-spawn-" + id);
      thread.setDaemon(true);
      before = listed ? Set.of() : childrenByParent();
      thread.start();
    } catch (IOException | RuntimeException | Error e) {
      // E.g. no thread can be had: nothing was spawned.
      executed.completeExceptionally(e);
      throw e;
    }
    int spawner = tid.join();
    long begin = System.nanoTime();
    while (System.nanoTime() - begin < PATIENCE_NANOS) {
      Optional<Integer> pid = listed ? childOf(spawner) : newChild(before);
      if (pid.isPresent() && listed) {
        // At once: only now the kernel ends it with this process, and it waits for nothing else.
        gate.holds(pid.get());
      }
      if (pid.isPresent() && isReady(spec, pid.get())) {
        gate.holds(pid.get());
        return pid.get();
      }
      if (executed.isDone()) {
        throw failure(spec, executed);
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
    throw new IOException("posix_spawn of " + spec.path() + " has not started a process in time");
  }

  /** Who waits for nothing but the gate; nothing else of it is of interest to anybody. */
  private boolean isReady(SpawnSpec spec, int pid) throws OsException {
    return spec.leads() == SpawnSpec.Leads.NOTHING || os.processGroup(pid) == pid;
  }

  private void run(
      SpawnSpec spec, CompletableFuture<Integer> tid, CompletableFuture<Integer> executed) {
    try {
      tid.complete(os.threadId());
      executed.complete(os.spawn(spec));
    } catch (OsException | RuntimeException | Error e) {
      executed.completeExceptionally(e);
      tid.completeExceptionally(e);
    }
  }

  private int spawnAlone(String id, SpawnSpec spec, Gate gate, CompletableFuture<Integer> executed)
      throws IOException {
    synchronized (ONE_SEARCH_AT_A_TIME) {
      return spawn(id, spec, gate, executed);
    }
  }

  private Optional<Integer> childOf(int tid) throws IOException {
    List<Integer> children = procfs.childrenOfThread(tid);
    return children.isEmpty() ? Optional.empty() : Optional.of(children.get(0));
  }

  private Optional<Integer> newChild(Set<Integer> before) throws IOException {
    return childrenByParent().stream().filter(pid -> !before.contains(pid)).findFirst();
  }

  private Set<Integer> childrenByParent() throws IOException {
    Set<Integer> children = new HashSet<>();
    for (int pid : procfs.pids()) {
      procfs.stat(pid).filter(s -> s.parent() == os.pid()).ifPresent(s -> children.add(s.pid()));
    }
    return children;
  }

  private ProcessId identity(int pid) throws IOException {
    return procfs
        .stat(pid)
        .orElseThrow(() -> new IOException("process " + pid + " ended before it was released"))
        .id();
  }

  /** It failed before the gate: no fork (EAGAIN, ENOMEM), or no such directory to stand in. */
  private static IOException failure(SpawnSpec spec, CompletableFuture<Integer> executed) {
    try {
      return new IOException(
          "posix_spawn of " + spec.path() + " got past its gate as pid " + executed.get());
    } catch (ExecutionException e) {
      return e.getCause() instanceof OsException o ? o : new IOException(e.getCause());
    } catch (InterruptedException e) {
      return new IOException("interrupted", e);
    }
  }
}
