package dev.guard.exec.launch;

import dev.guard.os.Errno;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.OsString;
import dev.guard.os.SpawnSpec;
import dev.guard.os.SpawnSpec.Descriptor;
import dev.guard.os.SpawnSpec.SignalDefaults;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * A shell in a session of its own that ends what Guard leaves behind when Guard dies, by SIGKILL or
 * otherwise.
 *
 * <p>It reads a pipe of which Guard holds the only writing end. Guard tells it of each command;
 * when the pipe ends, what has not been reported done is ended. Its own session keeps it alive when
 * somebody kills Guard's process group.
 */
public final class Lifeline implements AutoCloseable {
  private static final int CLOSE_PATIENCE_MILLIS = 1000;
  private static final OsString SHELL = OsString.of("/bin/sh");

  private final Os os;
  private final int pid;
  private final int pipe;
  private final int pidfd;
  private boolean watching;
  private boolean closed;

  private Lifeline(Os os, int pid, int pidfd, int pipe) {
    this.os = os;
    this.pid = pid;
    this.pidfd = pidfd;
    this.pipe = pipe;
  }

  /** Starts it. */
  public static Lifeline start(Os os) throws IOException {
    int[] pipe = os.pipe();
    int nothing = os.open(OsString.of("/dev/null"), Os.Open.READ_WRITE, 0);
    try {
      List<OsString> argv =
          List.of(OsString.of("guard-lifeline"), OsString.of("-c"), OsString.of(script()));
      List<OsString> environment =
          List.of(OsString.of("PATH=/usr/bin:/bin"), OsString.of("LC_ALL=C"));
      List<Descriptor> descriptors =
          List.of(
              new Descriptor(pipe[0], 0), new Descriptor(nothing, 1), new Descriptor(nothing, 2));
      SpawnSpec spec =
          new SpawnSpec(
              SHELL,
              argv,
              environment,
              OsString.of("/"),
              descriptors,
              new SignalDefaults(0),
              true,
              null);
      int pid = os.spawn(spec);
      return new Lifeline(os, pid, os.pidfd(pid), pipe[1]);
    } catch (OsException e) {
      os.close(pipe[1]);
      throw e;
    } finally {
      os.close(pipe[0]);
      os.close(nothing);
    }
  }

  private static String script() throws IOException {
    try (InputStream in = Lifeline.class.getResourceAsStream("lifeline.sh")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** Its process id. */
  public int pid() {
    return pid;
  }

  /** Whether it still runs. */
  public synchronized boolean isAlive() throws OsException {
    return !closed && !os.poll(new int[] {pidfd}, 0)[0];
  }

  /** The descriptor that is open as long as Guard lives. */
  int descriptor() {
    return pipe;
  }

  /** A process may be held at this gate: if Guard dies, it is to fail. */
  synchronized void gate(String id, OsString fifo) throws IOException {
    if (closed) {
      throw new IOException("this Guard is closed, it runs nothing any more");
    }
    send("gate", id, fifo);
  }

  /** The command's tree is in this cgroup. */
  public void cgroup(String id, Path cgroup) throws OsException {
    send("cgroup", id, OsString.of(cgroup.toString()));
  }

  /** The command's process group. */
  void group(String id, int pgid) throws OsException {
    send("group", id, OsString.of(Integer.toString(pgid)));
  }

  /** The main process was waited for: the number of its group may become another's. */
  public void groupEnded(String id) throws OsException {
    send("group", id, OsString.of(""));
  }

  /**
   * What is left of the command lives as long as this process; it is ended after that, also when
   * Guard has gone.
   */
  public void untilParentEnds(String id, int parent, long startTicks) throws OsException {
    watching = true;
    send("parent", id, OsString.of(parent + " " + startTicks));
  }

  /** What is left of the command lives on; its cgroup is to be removed once it is empty. */
  public void untilEmpty(String id) throws OsException {
    watching = true;
    send("kept", id, OsString.of("-"));
  }

  /** Nothing of this command is left to end. */
  public void done(String id) throws OsException {
    send("done", id, OsString.of("-"));
  }

  private synchronized void send(String what, String id, OsString rest) throws OsException {
    if (closed) {
      return;
    }
    try {
      // Lines are shorter than PIPE_BUF, so each arrives whole even if Guard dies in the next.
      OsString line = OsString.of(what + " " + id + " ").concat(rest).concat(OsString.of("\n"));
      os.write(pipe, line.bytes());
    } catch (OsException e) {
      if (e.errno() != Errno.EPIPE) {
        throw e;
      }
      // Somebody killed it. The receipt says so, see isAlive.
    }
  }

  /**
   * Ends it, and waits until it has gone, unless it goes on for something that was left alive.
   * Again: no effect.
   */
  @Override
  public synchronized void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    os.close(pipe);
    if (!watching) {
      waitFor(CLOSE_PATIENCE_MILLIS);
      return;
    }
    // A JVM that lives on has to wait for its child some day.
    Thread waiter = new Thread(this::waitForEver, "guard-lifeline-" + pid);
    waiter.setDaemon(true);
    waiter.start();
  }

  private void waitForEver() {
    try {
      waitFor(-1);
    } catch (IOException e) {
      // Nobody is left to tell; it stays a zombie until this process ends.
      return;
    }
  }

  private void waitFor(int millis) throws IOException {
    os.poll(new int[] {pidfd}, millis);
    os.close(pidfd);
    try {
      os.waitNoHang(pid);
    } catch (OsException e) {
      if (e.errno() != Errno.ECHILD) {
        throw e;
      }
      // Waited for already, by whoever waits for all children of this process.
    }
  }
}
