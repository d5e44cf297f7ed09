package dev.guard.launch;

import dev.guard.cgroup.CommandCgroup;
import dev.guard.config.GuardConfig;
import dev.guard.value.Request;
import java.io.IOException;
import java.util.function.Consumer;

/**
 * A launch makes the process of a command in two steps: it is held before its exec, so that every
 * limit is on it before anything of the command runs, and is then released, or abandoned unrun.
 */
public interface Launch extends AutoCloseable {
  /**
   * Looks at the request's directory and program before anything is reserved or made for it, where
   * that can be done from here.
   *
   * @throws NotExecutedException when PATH leads to no program
   * @throws IOException when the directory can not be entered
   */
  void check(Request request) throws IOException, NotExecutedException;

  /** Tells whether the process joins its cgroup before it is held, so that this must be there. */
  boolean joinsByItself();

  /**
   * Tells whether main processes of this launch tell their end, see {@link
   * dev.guard.os.ExitSource#whenEnded}, so that no thread waits for it.
   */
  default boolean tellsEnds() {
    return false;
  }

  /**
   * Makes the request's process, and returns when it waits for its release. When it throws, nothing
   * of the command has run, nor ever will.
   *
   * @param id the command's id, which it finds as GUARD_ID
   * @param streams the command's standard input, output and error
   * @param asScript whether the program is a script without an interpreter line, for the shell
   * @param cgroup which the process may have joined when this returns, or not
   * @param config the command's settings
   * @param left takes what was made and could be neither held nor ended, before this throws
   * @throws NotExecutedException when PATH leads to no program, or the arguments and the
   *     environment are too long; of a path, and of the directory, only the release can tell
   * @throws IOException when no process can be made
   */
  Held hold(
      String id,
      Request request,
      StandardStreams streams,
      boolean asScript,
      CommandCgroup cgroup,
      GuardConfig config,
      Consumer<LeftAtGate> left)
      throws IOException, NotExecutedException;

  /** Gives back what the launch itself has open; it holds nothing any more. */
  @Override
  default void close() throws IOException {}
}
