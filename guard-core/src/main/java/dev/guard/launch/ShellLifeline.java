package dev.guard.launch;

import dev.guard.os.DescriptorCalls;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.OsString;
import dev.guard.os.ProcessId;
import dev.guard.os.Procfs;
import dev.guard.os.Signals;
import dev.guard.os.SpawnSpec;
import dev.guard.os.SpawnSpec.Descriptor;
import dev.guard.os.SpawnSpec.SignalDefaults;
import dev.guard.os.StartedProgram;
import dev.guard.store.CommandLog;
import dev.guard.systemd.Scope;
import dev.guard.systemd.ScopeStart;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Stands for a shell in a session of its own that ends the processes that Guard leaves behind when
 * it dies, by SIGKILL or otherwise.
 *
 * <p>The shell reads a pipe of which Guard holds the only writing end. Guard tells it of each
 * command; when the pipe ends, what has not been reported done is ended. Its own session keeps it
 * alive when somebody kills Guard's process group.
 */
public final class ShellLifeline implements Lifeline {
  private static final int CLOSE_PATIENCE_MILLIS = 1000;
  // A manager answers in some milliseconds, and where 20 commands start at once on one slow
  // processor, in some seconds. Without its answer the command would have fewer limits.
  private static final Duration PATIENCE = Duration.ofSeconds(15);
  private static final OsString SHELL = OsString.of("/bin/sh");
  private static final List<OsString> MINIMAL =
      List.of(OsString.of("PATH=/usr/bin:/bin"), OsString.of("LC_ALL=C"));
  // Busybox becomes the program that the last part of its name says.
  private static final OsString NAME = OsString.of("guard-lifeline/sh");
  private static final int LOG = 3;
  private static final String READY = "ready";
  private static final String SAY_READY = "echo " + READY + "; exec >/dev/null 2>&1\n";

  private final LifelineProcess process;
  private final LifelinePipe pipe;
  private boolean watching;
  private boolean closed;

  private ShellLifeline(LifelineProcess process, LifelinePipe pipe) {
    this.process = process;
    this.pipe = pipe;
  }

  /** Starts a lifeline of commands that end with Guard. */
  public static ShellLifeline start(Os os) throws IOException {
    return start(os, Optional.empty());
  }

  /**
   * Starts a lifeline that may have to look after a detached command.
   *
   * @param log the log of a detached command, which the lifeline is to go on with when Guard has
   *     died
   */
  public static ShellLifeline start(Os os, Optional<CommandLog> log) throws IOException {
    List<OsString> argv = List.of(NAME, OsString.of("-c"), OsString.of(script()));
    int nothing = os.open(OsString.of("/dev/null"), DescriptorCalls.Open.READ_WRITE, 0);
    return closing(os, nothing, () -> start(os, SHELL, argv, MINIMAL, nothing, log));
  }

  private interface Starting {
    ShellLifeline start() throws IOException;
  }

  /**
   * Starts a lifeline, and closes the descriptor that only the lifeline is to have; where that
   * fails the lifeline is ended.
   */
  private static ShellLifeline closing(Os os, int descriptor, Starting starting)
      throws IOException {
    ShellLifeline lifeline;
    try {
      lifeline = starting.start();
    } catch (IOException | RuntimeException | Error e) {
      os.close(descriptor);
      throw e;
    }
    try {
      os.close(descriptor);
      return lifeline;
    } catch (IOException | RuntimeException | Error e) {
      lifeline.close();
      throw e;
    }
  }

  /**
   * Starts a lifeline in a scope.
   *
   * @param log the log of a detached command, if the lifeline is for one
   * @throws NoAnswerException when the manager gave no answer, so that the scope may come yet
   * @throws IOException with the words of systemd-run when no scope came of it
   */
  public static ShellLifeline start(Os os, Scope scope, Optional<CommandLog> log)
      throws IOException {
    List<OsString> argv = new ArrayList<>(scope.words());
    argv.addAll(List.of(SHELL, OsString.of("-c"), OsString.of(SAY_READY + script()), NAME));
    int[] said = os.pipe();
    ShellLifeline lifeline;
    try {
      lifeline =
          closing(os, said[1], () -> start(os, argv.get(0), argv, scope.entries(), said[1], log));
    } catch (IOException | RuntimeException | Error e) {
      os.close(said[0]);
      throw e;
    }
    try (StartedProgram program = StartedProgram.of(os, lifeline.pid(), said[0])) {
      Optional<ScopeStart.Failure> failure =
          ScopeStart.await(os, scope, program, READY + "\n", PATIENCE);
      if (failure.isPresent()) {
        throw failed(argv.get(0), failure.get());
      }
      return lifeline;
    } catch (IOException | RuntimeException | Error e) {
      lifeline.close();
      throw e;
    }
  }

  private static IOException failed(OsString wrapper, ScopeStart.Failure failure) {
    return failure.refusal().isPresent()
        ? new IOException(wrapper + ": " + failure.refusal().get())
        : new NoAnswerException(wrapper + ": no answer" + failure.left());
  }

  /** Says that a manager gave no answer. */
  public static final class NoAnswerException extends IOException {
    private static final long serialVersionUID = 1;

    private NoAnswerException(String message) {
      super(message);
    }
  }

  private static ShellLifeline start(
      Os os,
      OsString program,
      List<OsString> argv,
      List<OsString> environment,
      int output,
      Optional<CommandLog> log)
      throws IOException {
    List<Descriptor> descriptors = new ArrayList<>();
    int[] pipe = os.pipe();
    descriptors.add(new Descriptor(pipe[0], 0));
    descriptors.add(new Descriptor(output, 1));
    descriptors.add(new Descriptor(output, 2));
    log.ifPresent(l -> descriptors.add(new Descriptor(l.readingEnd(), LOG)));
    SpawnSpec spec =
        new SpawnSpec(
            program,
            argv,
            environment,
            null,
            descriptors,
            new SignalDefaults(0),
            SpawnSpec.Leads.SESSION,
            null);
    return closing(os, pipe[0], () -> spawn(os, spec, pipe[1]));
  }

  private static ShellLifeline spawn(Os os, SpawnSpec spec, int pipe) throws IOException {
    int pid = 0;
    try {
      LifelinePipe told = new LifelinePipe(os, pipe);
      pid = os.spawn(spec);
      return new ShellLifeline(new LifelineProcess(os, pid, os.pidfd(pid)), told);
    } catch (IOException | RuntimeException | Error e) {
      os.close(pipe);
      if (pid != 0) {
        // The lifeline has nothing to do yet, and nobody else would wait for it.
        os.kill(pid, Signals.KILL);
        while (os.waitNoHang(pid) == null) {
          Thread.onSpinWait();
        }
      }
      throw e;
    }
  }

  private static String script() throws IOException {
    try (InputStream in = ShellLifeline.class.getResourceAsStream("lifeline.sh")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Override
  public int pid() {
    return process.pid();
  }

  @Override
  public boolean isChildOfGuard() {
    return true;
  }

  /** Tells whether the lifeline still runs. */
  private synchronized boolean isAlive() throws OsException {
    return !closed && !process.endsWithin(0);
  }

  @Override
  public String problem(Procfs procfs) throws IOException {
    if (!isAlive()) {
      return "was killed";
    }
    char state = procfs.stat(pid()).map(Procfs.Stat::state).orElse('X');
    if (state == 'T' || state == 't') {
      return "was stopped";
    }
    return pipe.isBehind() ? "does not read what it is told" : "";
  }

  /** Answers the descriptor that is open as long as Guard lives. */
  int descriptor() {
    return pipe.descriptor();
  }

  /**
   * Tells the lifeline that a process may be held at this gate: if Guard dies, the process is to
   * fail.
   */
  synchronized void gate(String id, OsString fifo) throws IOException {
    requireOpen();
    send("gate", id, fifo);
  }

  @Override
  public synchronized void begins(String id) throws IOException {
    requireOpen();
    send("begins", id, OsString.of("-"));
  }

  private void requireOpen() throws IOException {
    if (closed) {
      throw new IOException("this Guard is closed, it runs nothing any more");
    }
  }

  @Override
  public void cgroup(String id, Path cgroup) throws OsException {
    send("cgroup", id, OsString.of(cgroup.toString()));
  }

  /** Tells the lifeline the command's main process, which leads its process group. */
  void group(String id, ProcessId main) throws OsException {
    send("group", id, words(main));
  }

  @Override
  public void adopted(String id, ProcessId process) throws OsException {
    send(LifelinePipe.ADOPTED, id, words(process));
  }

  @Override
  public void groupEnded(String id) throws OsException {
    send("group", id, OsString.of(""));
  }

  @Override
  public void untilParentEnds(String id, ProcessId parent) throws OsException {
    watching = true;
    send("parent", id, words(parent));
  }

  private static OsString words(ProcessId process) {
    return OsString.of(process.pid() + " " + process.startTicks());
  }

  @Override
  public void untilEmpty(String id) throws OsException {
    watching = true;
    send("kept", id, OsString.of("-"));
  }

  @Override
  public void detached(String id, Path log, long deadline, boolean keeps) throws OsException {
    send("log", id, OsString.of(CommandLog.FULL + " " + log));
    send("detached", id, OsString.of(deadline + (keeps ? " keep" : " kill")));
  }

  @Override
  public void done(String id) throws OsException {
    send(LifelinePipe.DONE, id, OsString.of("-"));
  }

  private void send(String what, String id, OsString rest) throws OsException {
    pipe.send(what, id, rest);
  }

  /**
   * Ends it, and waits a moment until it has gone, unless it goes on for something that was left
   * alive. Again: no effect.
   */
  @Override
  public synchronized void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    try {
      pipe.close(Duration.ofMillis(CLOSE_PATIENCE_MILLIS));
    } finally {
      process.awaitEnd(watching ? 0 : CLOSE_PATIENCE_MILLIS);
    }
  }
}
