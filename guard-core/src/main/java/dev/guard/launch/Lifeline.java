package dev.guard.launch;

import dev.guard.os.OsException;
import dev.guard.os.ProcessId;
import dev.guard.os.Procfs;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A lifeline is a process that ends what Guard leaves behind when Guard dies, by SIGKILL or
 * otherwise. It is told of each command.
 */
public interface Lifeline extends Closeable {
  /** Answers the lifeline's process id. */
  int pid();

  /** Names the process, for a receipt. */
  default String named() {
    return "process " + pid();
  }

  /** Tells whether it is a child of the guard that orphans of the command come to. */
  boolean isChildOfGuard();

  /**
   * Says why the lifeline may end nothing if Guard dies; empty when it does its work.
   *
   * @param procfs tells whether somebody has stopped the lifeline
   */
  String problem(Procfs procfs) throws IOException;

  /**
   * Tells the lifeline that a process of this command may be held soon, which fails by itself when
   * Guard dies, and that cgroups of it are to be removed then.
   *
   * @throws IOException when this Guard was closed
   */
  default void begins(String id) throws IOException {}

  /** Tells the lifeline that the command's tree is in this cgroup. */
  void cgroup(String id, Path cgroup) throws OsException;

  /**
   * Tells the lifeline that a process of the command's tree has lost its parent, so that nobody
   * could find it by its parents once this process has gone. Tell of each one once.
   */
  void adopted(String id, ProcessId process) throws OsException;

  /**
   * Tells the lifeline that the main process was waited for: the number of its group may become
   * another's.
   */
  void groupEnded(String id) throws OsException;

  /**
   * Tells the lifeline that the rest of the command's tree lives as long as this process; it is
   * ended after that, also when Guard has gone.
   */
  void untilParentEnds(String id, ProcessId parent) throws OsException;

  /**
   * Tells the lifeline that the rest of the command's tree lives on; the cgroup is to be removed
   * once it is empty.
   */
  void untilEmpty(String id) throws OsException;

  /**
   * Tells the lifeline that the command runs and is to live on when Guard dies: its output goes on
   * to its log, and it is ended at its deadline.
   *
   * @param deadline the end of the command's time in seconds after boot, see uptime in proc(5), or
   *     0 for none
   * @param keeps whether processes may outlive the main process
   */
  void detached(String id, Path log, long deadline, boolean keeps) throws OsException;

  /** Tells the lifeline that nothing of this command is left to end. */
  void done(String id) throws OsException;

  /**
   * Ends the lifeline, and waits a moment until it has gone, unless it goes on for processes that
   * were left alive. A second call has no effect.
   */
  @Override
  void close() throws IOException;
}
