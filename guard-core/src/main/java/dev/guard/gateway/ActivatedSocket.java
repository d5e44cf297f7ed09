package dev.guard.gateway;

import dev.guard.os.Kernel;
import dev.guard.os.Procfs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A socket that a service manager listens to, and has given to this process, see sd_listen_fds(3):
 * the manager starts a gateway when somebody connects, and none listens.
 */
public final class ActivatedSocket {
  private static final int FIRST = 3;
  // Fields of a line of /proc/net/unix: flags, type, state and inode, and the path behind them.
  private static final int FLAGS = 3;
  private static final int TYPE = 4;
  private static final int INODE = 6;
  private static final int PATH = 7;
  private static final String ACCEPTS = "00010000";
  private static final String STREAM = "0001";

  private final Procfs procfs;
  private final int self;

  private ActivatedSocket(Procfs procfs, int self) {
    this.procfs = procfs;
    this.self = self;
  }

  /**
   * Finds the socket that was given to this process; empty: none was.
   *
   * @param variables of this process
   * @throws IOException when more than one was given
   */
  public static Optional<ActivatedSocket> given(Kernel kernel, Map<String, String> variables)
      throws IOException {
    String self = Integer.toString(kernel.os().pid());
    // They may have been given to a process that has passed its variables on.
    if (!self.equals(variables.get("LISTEN_PID"))) {
      return Optional.empty();
    }
    String count = variables.getOrDefault("LISTEN_FDS", "0");
    if (!count.equals("1")) {
      throw new IOException("LISTEN_FDS is " + count + ": a gateway is given one socket");
    }
    return Optional.of(new ActivatedSocket(kernel.procfs(), kernel.os().pid()));
  }

  /** Names its descriptor. */
  public int descriptor() {
    return FIRST;
  }

  /** Makes sure that this is a stream socket of this family, which listens at this path. */
  void check(Path path) throws IOException {
    String target = procfs.link(self, "fd/" + FIRST).orElse("nothing");
    String inode = target.replaceFirst("^socket:\\[(\\d+)\\]$", "$1");
    String sockets = procfs.text(self, "net/unix").orElse("");
    boolean there = sockets.lines().skip(1).anyMatch(line -> isThat(line, inode, path));
    if (!there) {
      throw new IOException(
          "descriptor "
              + FIRST
              + ", which the service manager gave, does not listen at "
              + path
              + "; guard gateway install makes its units anew");
    }
  }

  private static boolean isThat(String line, String inode, Path path) {
    List<String> fields = List.of(line.strip().split(" +", PATH + 1));
    return fields.size() > PATH
        && fields.get(INODE).equals(inode)
        && fields.get(FLAGS).equals(ACCEPTS)
        && fields.get(TYPE).equals(STREAM)
        && fields.get(PATH).equals(path.toString());
  }
}
