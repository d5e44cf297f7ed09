package dev.guard.session;

import dev.guard.os.Os;
import dev.guard.os.OsString;
import dev.guard.os.ProgramResult;
import dev.guard.os.ProgramRunner;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;

/** Asks and tells a tmux server, at its socket; see tmux(1). */
final class Tmux {
  /** The longest wait of callers that only look, which a server that hangs must not hold up. */
  private static final Duration TO_LOOK = Duration.ofSeconds(5);

  private static final Duration TO_ACT = Duration.ofSeconds(30);

  private static final long PAUSE_NANOS = 20_000_000L;

  private final Os os;
  private final OsString program;
  private final List<OsString> environment;
  private final Path socket;
  private final Duration patience;

  /**
   * Names the server at a socket; it is there or not.
   *
   * @param program the path of tmux
   * @param environment the environment for tmux's client, and for a server that a command starts
   */
  Tmux(Os os, OsString program, List<OsString> environment, Path socket) {
    this(os, program, environment, socket, TO_LOOK);
  }

  /** Names the server with another patience for those who only look. */
  Tmux(Os os, OsString program, List<OsString> environment, Path socket, Duration patience) {
    this.patience = patience;
    this.os = os;
    this.program = program;
    this.environment = environment;
    this.socket = socket;
  }

  /** Says that a server does not answer in time, though it is there. */
  static final class SilentException extends IOException {
    private static final long serialVersionUID = 1L;

    SilentException(String message) {
      super(message);
    }
  }

  /** Makes the words of a client for this server. */
  List<OsString> words(String... command) {
    List<OsString> words = new ArrayList<>(List.of(program, OsString.of("-S")));
    words.add(OsString.of(socket.toString()));
    for (String word : command) {
      words.add(OsString.of(word));
    }
    return words;
  }

  /** Tells whether a server listens there; one that is stopped does. */
  boolean isThere() throws IOException {
    if (!Files.exists(socket)) {
      return false;
    }
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      // A stopped server accepts no connection, and where its queue of them is full a blocking
      // connect would wait.
      channel.configureBlocking(false);
      boolean ignored = channel.connect(UnixDomainSocketAddress.of(socket));
      return true;
    } catch (ConnectException e) {
      // No server listens there any more.
      return false;
    } catch (SocketException e) {
      // The queue is full; or the socket has gone meanwhile.
      return Files.exists(socket);
    }
  }

  /**
   * Has the server do something.
   *
   * @return the server's answer; the status is not 0 when it could not do so
   */
  ProgramResult tell(String... command) throws IOException {
    return call(TO_ACT, command);
  }

  private ProgramResult call(Duration patience, String... command) throws IOException {
    try {
      return ProgramRunner.run(os, words(command), environment, patience);
    } catch (IOException e) {
      throw new SilentException(
          "the tmux server at " + socket + " does not answer (" + e.getMessage() + ")");
    }
  }

  /**
   * Asks the server something. A server that is on its way to its end still listens, and drops its
   * clients: it is asked again until it has gone.
   *
   * @return the server's answer; empty when there is no server, or none any more
   * @throws SilentException when the server is there, and gives no answer in time
   */
  private Optional<ProgramResult> ask(String... command) throws IOException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (isThere()) {
      ProgramResult said;
      try {
        said = call(patience, command);
      } catch (SilentException e) {
        if (isThere()) {
          throw e;
        }
        break;
      }
      if (said.status() == 0) {
        return Optional.of(said);
      }
      if (System.nanoTime() >= deadline && isThere()) {
        throw unable(said);
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    return Optional.empty();
  }

  /**
   * Says what the server knows of one of its sessions.
   *
   * @param attached the number of clients that show the session
   * @param server the process of the server; 0 without panes
   * @param processes the processes of the session's panes
   */
  record Panes(int attached, int server, Set<Integer> processes) {
    static final Panes NONE = new Panes(0, 0, Set.of());

    boolean exists() {
      return !processes.isEmpty();
    }
  }

  /** Asks for the panes of a session; there are none without the session or the server. */
  Panes show(String session) throws IOException {
    OptionalInt attached = attached(session);
    if (attached.isEmpty()) {
      return Panes.NONE;
    }
    // Without the colon the name would first be taken for that of a window, in any session.
    String target = "=" + session + ":";
    ProgramResult said;
    try {
      said = call(patience, "list-panes", "-s", "-t", target, "-F", "#{pid} #{pane_pid}");
    } catch (SilentException e) {
      if (isThere()) {
        throw e;
      }
      return Panes.NONE;
    }
    if (said.status() != 0) {
      if (attached(session).isEmpty()) {
        // The server has ended between the two questions.
        return Panes.NONE;
      }
      throw unable(said);
    }
    Set<Integer> panes = new TreeSet<>();
    int server = 0;
    for (String line : said.output().lines().toList()) {
      String[] pids = line.split(" ", 2);
      server = Integer.parseInt(pids[0]);
      panes.add(Integer.valueOf(pids[1]));
    }
    return new Panes(attached.getAsInt(), server, panes);
  }

  /** Asks for the process of the server; empty when it has no session, or there is none. */
  OptionalInt server() throws IOException {
    Optional<ProgramResult> said = ask("list-sessions", "-F", "#{pid}");
    return said.isEmpty()
        ? OptionalInt.empty()
        : said.get().output().lines().mapToInt(Integer::parseInt).findFirst();
  }

  /** Asks how many clients show a session; empty when there is no such session. */
  private OptionalInt attached(String session) throws IOException {
    // Sessions are the only list that a server without any session answers, too.
    Optional<ProgramResult> said =
        ask("list-sessions", "-F", "#{session_attached} #{session_name}");
    if (said.isEmpty()) {
      return OptionalInt.empty();
    }
    return said.get()
        .output()
        .lines()
        .map(l -> l.split(" ", 2))
        .filter(w -> w.length == 2 && w[1].equals(session))
        .mapToInt(w -> Integer.parseInt(w[0]))
        .findFirst();
  }

  /** Says that a client could not run, which tells nothing of the server. */
  private SilentException unable(ProgramResult said) {
    return new SilentException(
        "the tmux server at " + socket + " can not be asked: " + said.errors().strip());
  }

  /** Ends the server with all of its sessions, or only one of them. A second call has no effect. */
  void end(boolean server, String session) throws IOException {
    if (isThere()) {
      ProgramResult ignored =
          server ? tell("kill-server") : tell("kill-session", "-t", "=" + session);
    }
  }
}
