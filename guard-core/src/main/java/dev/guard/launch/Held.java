package dev.guard.launch;

import dev.guard.os.MainProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * A held process is the command's before its exec: all that a process inherits is as the command
 * will have it, and it waits to be released.
 */
public interface Held extends AutoCloseable {
  /** The process, which is waited for there and nowhere else. */
  MainProcess main();

  /** Its pid, which is also its process group, but for a command in the foreground. */
  default int pid() {
    return main().pid();
  }

  /** Whether it is the shell that is to run the program as a script. */
  boolean asScript();

  /**
   * Lets it exec and waits for that; no more is to be released once this was called. From then on
   * the process may run, whatever is thrown, unless that is {@link NotExecutedException}.
   *
   * @param cancelled completes when nobody wants to wait any more
   * @return false when the exec has not happened in this time or until it was cancelled, as on a
   *     dead network file system; it may happen yet
   * @throws NotExecutedException with the kernel's reason; the process has ended
   */
  boolean release(Duration patience, CompletableFuture<?> cancelled)
      throws IOException, NotExecutedException;

  /** Ends it unrun, and waits for that. No effect once it was released or abandoned. */
  void abandon() throws IOException;

  /** Gives back what the launch needed for it; neither ends nor releases it. Again: no effect. */
  @Override
  void close() throws IOException;
}
