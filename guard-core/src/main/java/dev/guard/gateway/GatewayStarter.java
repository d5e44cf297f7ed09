package dev.guard.gateway;

import dev.guard.os.DescriptorCalls;
import dev.guard.os.Kernel;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.OsString;
import dev.guard.os.SpawnSpec;
import dev.guard.os.WaitStatus;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/** Starts the gateway of the user in a place of its own, and waits until it answers. */
public final class GatewayStarter {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final long LOOK_NANOS = 10_000_000;
  // Whoever is started has these descriptors beside the standard ones.
  private static final int MARK = 3;

  private final Os os;
  private final GatewaySocket socket;
  private final StartMark mark;
  private final StartWay way;
  private final Path log;

  private GatewayStarter(Os os, GatewaySocket socket, StartWay way, Path log) {
    this.os = os;
    this.socket = socket;
    this.mark = new StartMark(os, socket.directory());
    this.way = way;
    this.log = log;
  }

  /**
   * Prepares a start.
   *
   * @param folder where guard is installed
   * @param variables the caller's
   * @throws IOException when none can be started from here, with the reason
   */
  public static GatewayStarter of(
      Kernel kernel, GatewaySocket socket, Path folder, Map<String, String> variables)
      throws IOException {
    Optional<String> obstacle = StartPlace.obstacle(kernel, socket.path());
    if (obstacle.isPresent()) {
      throw new IOException(obstacle.get());
    }
    // As passwd(5) has it: the store of a caller with another HOME is his own.
    String home = System.getProperty("user.home");
    Path log = GatewayLog.make(kernel.os(), home);
    return new GatewayStarter(
        kernel.os(), socket, StartWay.find(kernel, folder, variables, home, log), log);
  }

  /** Starts it where none runs, and returns when it answers. */
  public void start() throws IOException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    int descriptor = mark.open();
    try {
      while (!mark.take(descriptor)) {
        if (answers()) {
          return;
        }
        pause(deadline, "another start of it does not come to its end");
      }
      if (!answers()) {
        launch(descriptor, deadline);
      }
    } finally {
      os.close(descriptor);
    }
  }

  private void launch(int descriptor, long deadline) throws IOException {
    long before = Files.size(log);
    int child = spawn(way.argv(), descriptor, List.of());
    boolean ended = false;
    while (!answers()) {
      if (!ended) {
        WaitStatus status = os.waitNoHang(child);
        ended = status != null;
        if (ended && (!way.managed() || status.shellStatus() != 0)) {
          throw new IOException(lastLine(before));
        }
      }
      pause(deadline, "it does not answer; see " + log);
    }
  }

  private boolean answers() throws IOException {
    return socket.ask().filter(answer -> answer.told().isPresent()).isPresent();
  }

  private static void pause(long deadline, String problem) throws IOException {
    if (System.nanoTime() > deadline) {
      throw new IOException(problem);
    }
    LockSupport.parkNanos(LOOK_NANOS);
  }

  private String lastLine(long before) throws IOException {
    byte[] all = Files.readAllBytes(log);
    int from = (int) Math.min(before, all.length);
    String said = new String(all, from, all.length - from, StandardCharsets.UTF_8).strip();
    String last = said.substring(said.lastIndexOf('\n') + 1);
    return last.isEmpty() ? "it has ended; see " + log : last.replaceFirst("^guard: ", "");
  }

  /** Starts words with the log as their output, and with the mark, whose lock they share. */
  private int spawn(List<OsString> argv, int descriptor, List<SpawnSpec.Descriptor> more)
      throws IOException {
    int nothing = os.open(OsString.of("/dev/null"), DescriptorCalls.Open.READ, 0);
    int output = GatewayLog.open(os, log);
    List<SpawnSpec.Descriptor> descriptors =
        new ArrayList<>(
            List.of(
                new SpawnSpec.Descriptor(nothing, 0),
                new SpawnSpec.Descriptor(output, 1),
                new SpawnSpec.Descriptor(output, 2),
                new SpawnSpec.Descriptor(descriptor, MARK)));
    descriptors.addAll(more);
    try {
      return os.spawn(
          new SpawnSpec(
              argv.get(0),
              argv,
              way.environment(),
              null,
              descriptors,
              new SpawnSpec.SignalDefaults(0),
              SpawnSpec.Leads.SESSION,
              null));
    } finally {
      os.close(nothing);
      os.close(output);
    }
  }

  /** Has a process wait that starts it when it is told to, see {@link StartBeside}. */
  StartBeside beside() throws IOException {
    int descriptor = mark.open();
    int[] pipe = os.pipe();
    List<OsString> words = new ArrayList<>(List.of(OsString.of("/bin/sh"), OsString.of("-c")));
    words.add(OsString.of(StartBeside.SCRIPT));
    words.add(OsString.of("sh"));
    words.addAll(way.argv());
    try {
      int child =
          spawn(words, descriptor, List.of(new SpawnSpec.Descriptor(pipe[0], StartBeside.PIPE)));
      awaitEnd(child);
      return new StartBeside(os, mark, descriptor, pipe[1]);
    } catch (IOException e) {
      os.close(descriptor);
      os.close(pipe[1]);
      throw e;
    } finally {
      os.close(pipe[0]);
    }
  }

  private void awaitEnd(int child) throws OsException {
    while (os.waitNoHang(child) == null) {
      LockSupport.parkNanos(100_000);
    }
  }
}
