package dev.guard.launch;

import dev.guard.os.MainProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * A held process is the command's before its exec: everything that a process inherits is as the
 * command will have it, and it waits to be released.
 */
public interface Held extends AutoCloseable {
  /** Answers the process, which is waited for there and nowhere else. */
  MainProcess main();

  /** Answers the pid, which is also the process group, but for a command in the foreground. */
  default int pid() {
    return main().pid();
  }

  /** Tells whether the process is the shell that is to run the program as a script. */
  boolean asScript();

  /**
   * Lets the process exec and waits for that; no second release may follow. From then on the
   * process may run, whatever is thrown, unless that is {@link NotExecutedException}.
   *
   * @param cancelled completes when nobody wants to wait any more
   * @return false when the exec has not happened in this time or until the wait was cancelled, as
   *     on a dead network file system; it may happen yet
   * @throws NotExecutedException with the kernel's reason; the process has ended
   */
  boolean release(Duration patience, CompletableFuture<?> cancelled)
      throws IOException, NotExecutedException;

  /**
   * Takes note that the process could not be put where it would have its limits: where another
   * guard has other means, that one may run the command.
   */
  default void notPlaced(String why) {}

  /**
   * Ends the process unrun, and waits for that. A call after a release or another one has no
   * effect.
   */
  void abandon() throws IOException;

  /**
   * Gives back the resources that the launch needed, and neither ends nor releases the process. A
   * second call has no effect.
   */
  @Override
  void close() throws IOException;
}
