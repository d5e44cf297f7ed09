package dev.guard.cli;

import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.OsString;
import dev.guard.os.Signals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.Optional;

/**
 * The controlling terminal, passed back and forth between Guard's process group and the command's,
 * see tty_ioctl(4) and credentials(7).
 *
 * <p>The command has a group of its own, so it must be the foreground group to read the terminal or
 * to get Ctrl-C. If its output goes to a pipe, the next program of the pipeline, which is in
 * Guard's group, may be the one that reads the terminal (a pager); then the command gets it only
 * when it asks, which the kernel shows by stopping it with SIGTTIN or SIGTTOU.
 */
final class Terminal implements AutoCloseable {
  private static final OsString CONTROLLING = OsString.of("/dev/tty");

  private final Os os;
  private final int descriptor;
  private final int ownGroup;
  private final byte[] modes;
  private final boolean eager;
  private boolean lent;

  private Terminal(Os os, int descriptor, int ownGroup, boolean eager) throws OsException {
    this.os = os;
    this.descriptor = descriptor;
    this.ownGroup = ownGroup;
    this.modes = os.terminalModes(descriptor);
    this.eager = eager;
  }

  /** The controlling terminal, if this process has one. */
  static Optional<Terminal> open(Os os) throws OsException {
    int descriptor;
    try {
      descriptor = os.open(CONTROLLING, Os.Open.READ_WRITE, 0);
    } catch (OsException e) {
      // ENXIO: none. EACCES, ENOENT: a sandbox without it, where nothing can be in the foreground
      // either.
      return Optional.empty();
    }
    // Else taking the terminal back from the background would stop Guard; the command has the
    // signal at its default.
    os.setSignal(Signals.TTOU, Os.Disposition.IGNORE);
    return Optional.of(new Terminal(os, descriptor, os.processGroup(0), !outputIsPipe()));
  }

  private static boolean outputIsPipe() {
    try {
      PosixFileAttributes out =
          Files.readAttributes(Path.of("/proc/self/fd/1"), PosixFileAttributes.class);
      String name = Files.readSymbolicLink(Path.of("/proc/self/fd/1")).toString();
      return out.isOther() && !name.startsWith("/dev/");
    } catch (IOException e) {
      return false;
    }
  }

  /** Whether Guard's group is in the foreground, so that it has a terminal to lend. */
  private boolean isOurs() throws OsException {
    return os.foregroundGroup(descriptor) == ownGroup;
  }

  /** Before the command runs. */
  void lendAtStart(int group) throws OsException {
    if (eager && isOurs()) {
      lend(group);
    }
  }

  /** The command asked for the terminal; true when it has it now. */
  boolean lendOnRequest(int group) throws OsException {
    if (lent || !isOurs()) {
      return false;
    }
    lend(group);
    return true;
  }

  private void lend(int group) throws OsException {
    os.setForegroundGroup(descriptor, group);
    lent = true;
  }

  /** What the command has made of the terminal's modes. */
  byte[] modes() throws OsException {
    return os.terminalModes(descriptor);
  }

  /** Whether the command has the terminal. */
  boolean isLent() {
    return lent;
  }

  /**
   * Takes it back.
   *
   * @param reset whether the command did not end by itself and can have left the modes as they were
   *     of use only to it
   */
  void takeBack(boolean reset) throws OsException {
    if (!lent) {
      return;
    }
    lent = false;
    os.setForegroundGroup(descriptor, ownGroup);
    if (reset) {
      os.setTerminalModes(descriptor, modes);
    }
  }

  /** Guard was continued: lends the terminal again if the shell put Guard into the foreground. */
  void lendAgain(int group, byte[] commandModes) throws OsException {
    if (isOurs()) {
      lend(group);
      os.setTerminalModes(descriptor, commandModes);
    }
  }

  @Override
  public void close() throws OsException {
    os.close(descriptor);
  }
}
