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
public final class Lifeline implements AutoCloseable {
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

  private Lifeline(LifelineProcess process, LifelinePipe pipe) {
    this.process = process;
    this.pipe = pipe;
  }

  /** Starts a lifeline of commands that end with Guard. */
  public static Lifeline start(Os os) throws IOException {
    return start(os, Optional.empty());
  }

  /**
   * Starts a lifeline that may have to look after a detached command.
   *
   * @param log the log of a detached command, which the lifeline is to go on with when Guard has
   *     died
   */
  public static Lifeline start(Os os, Optional<CommandLog> log) throws IOException {
    List<OsString> argv = List.of(NAME, OsString.of("-c"), OsString.of(script()));
    int nothing = os.open(OsString.of("/dev/null"), DescriptorCalls.Open.READ_WRITE, 0);
    return closing(os, nothing, () -> start(os, SHELL, argv, MINIMAL, nothing, log));
  }

  private interface Starting {
    Lifeline start() throws IOException;
  }

  /**
   * Starts a lifeline, and closes the descriptor that only the lifeline is to have; where that
   * fails the lifeline is ended.
   */
  private static Lifeline closing(Os os, int descriptor, Starting starting) throws IOException {
    Lifeline lifeline;
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
  public static Lifeline start(Os os, Scope scope, Optional<CommandLog> log) throws IOException {
    List<OsString> argv = new ArrayList<>(scope.words());
    argv.addAll(List.of(SHELL, OsString.of("-c"), OsString.of(SAY_READY + script()), NAME));
    int[] said = os.pipe();
    Lifeline lifeline;
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

  private static Lifeline start(
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

  private static Lifeline spawn(Os os, SpawnSpec spec, int pipe) throws IOException {
    int pid = 0;
    try {
      LifelinePipe told = new LifelinePipe(os, pipe);
      pid = os.spawn(spec);
      return new Lifeline(new LifelineProcess(os, pid, os.pidfd(pid)), told);
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
    try (InputStream in = Lifeline.class.getResourceAsStream("lifeline.sh")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** Answers the lifeline's process id. */
  public int pid() {
    return process.pid();
  }

  /** Tells whether the lifeline still runs. */
  private synchronized boolean isAlive() throws OsException {
    return !closed && !process.endsWithin(0);
  }

  /**
   * Says why the lifeline may end nothing if Guard dies; empty when it does its work.
   *
   * @param procfs tells whether somebody has stopped the lifeline
   */
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
    if (closed) {
      throw new IOException("this Guard is closed, it runs nothing any more");
    }
    send("gate", id, fifo);
  }

  /** Tells the lifeline that the command's tree is in this cgroup. */
  public void cgroup(String id, Path cgroup) throws OsException {
    send("cgroup", id, OsString.of(cgroup.toString()));
  }

  /** Tells the lifeline the command's main process, which leads its process group. */
  void group(String id, ProcessId main) throws OsException {
    send("group", id, words(main));
  }

  /**
   * Tells the lifeline that a process of the command's tree has lost its parent, so that nobody
   * could find it by its parents once this process has gone. Tell of each one once.
   */
  public void adopted(String id, ProcessId process) throws OsException {
    send(LifelinePipe.ADOPTED, id, words(process));
  }

  /**
   * Tells the lifeline that the main process was waited for: the number of its group may become
   * another's.
   */
  public void groupEnded(String id) throws OsException {
    send("group", id, OsString.of(""));
  }

  /**
   * Tells the lifeline that the rest of the command's tree lives as long as this process; it is
   * ended after that, also when Guard has gone.
   */
  public void untilParentEnds(String id, ProcessId parent) throws OsException {
    watching = true;
    send("parent", id, words(parent));
  }

  private static OsString words(ProcessId process) {
    return OsString.of(process.pid() + " " + process.startTicks());
  }

  /**
   * Tells the lifeline that the rest of the command's tree lives on; the cgroup is to be removed
   * once it is empty.
   */
  public void untilEmpty(String id) throws OsException {
    watching = true;
    send("kept", id, OsString.of("-"));
  }

  /**
   * Tells the lifeline that the command runs and is to live on when Guard dies: its output goes on
   * to its log, and it is ended at its deadline.
   *
   * @param deadline the end of the command's time in seconds after boot, see uptime in proc(5), or
   *     0 for none
   * @param keeps whether processes may outlive the main process
   */
  public void detached(String id, Path log, long deadline, boolean keeps) throws OsException {
    send("log", id, OsString.of(CommandLog.FULL + " " + log));
    send("detached", id, OsString.of(deadline + (keeps ? " keep" : " kill")));
  }

  /** Tells the lifeline that nothing of this command is left to end. */
  public void done(String id) throws OsException {
    send(LifelinePipe.DONE, id, OsString.of("-"));
  }

  private void send(String what, String id, OsString rest) throws OsException {
    pipe.send(what, id, rest);
  }

  /**
   * Ends the lifeline, and waits a moment until it has gone, unless it goes on for processes that
   * were left alive. A second call has no effect.
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
