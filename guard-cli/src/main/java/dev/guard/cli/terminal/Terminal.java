package dev.guard.cli.terminal;

import dev.guard.os.DescriptorCalls;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.OsString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.Optional;

/**
 * Passes the controlling terminal back and forth between Guard's process group and the command's,
 * see tty_ioctl(4), credentials(7) and docs/terminal.md. Safe for use by many threads.
 *
 * <p>Guard never touches the terminal while a third group is in the foreground: then it is the
 * shell's, or another job's. A terminal that was hung up counts as one that somebody else has.
 */
public final class Terminal {
  private static final OsString CONTROLLING = OsString.of("/dev/tty");
  private static final int NOBODY = -1;

  private final Os os;
  private final int descriptor;
  private final int ownGroup;
  // True when the command's group is to have the terminal while the job is in the foreground, since
  // it asked last.
  private boolean commandsTurn;
  private boolean lent;
  private int group = NOBODY;
  private Optional<byte[]> modesBefore = Optional.empty();
  private Optional<byte[]> modesOfStopped = Optional.empty();

  private Terminal(Os os, int descriptor, int ownGroup, boolean eager) {
    this.os = os;
    this.descriptor = descriptor;
    this.ownGroup = ownGroup;
    this.commandsTurn = eager;
  }

  /** Opens the controlling terminal, if this process has one. */
  public static Optional<Terminal> open(Os os) throws OsException {
    int descriptor;
    try {
      descriptor = os.open(CONTROLLING, DescriptorCalls.Open.READ_WRITE, 0);
    } catch (OsException e) {
      // ENXIO: none. EACCES, ENOENT: a sandbox without it, where nothing can be in the foreground
      // either.
      return Optional.empty();
    }
    boolean eager = inputIsTerminal(os) && !outputIsPipe();
    return Optional.of(new Terminal(os, descriptor, os.processGroup(0), eager));
  }

  private static boolean inputIsTerminal(Os os) {
    try {
      os.foregroundGroup(0);
      return true;
    } catch (OsException e) {
      return false;
    }
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

  /** Takes note of the group of a held command, which may get the terminal from now on. */
  synchronized void held(int pgid) {
    // The call comes a second time for a script without an interpreter line, whose first process
    // has gone.
    takeBack();
    group = pgid;
    if (commandsTurn) {
      lend();
    }
  }

  /**
   * Gives the terminal to the command's group, which was stopped when it used it; true when it has
   * it now.
   */
  synchronized boolean commandAsks() {
    commandsTurn = true;
    return foreground() == group || lend();
  }

  /**
   * Takes the terminal for Guard's group, which was stopped when it used it; true when it has it
   * now.
   */
  synchronized boolean ownGroupAsks() {
    if (foreground() == ownGroup) {
      return true;
    }
    boolean taken = takeBack();
    commandsTurn &= !taken;
    return taken;
  }

  /** Takes the terminal back from a stopped command; Guard stops next. */
  synchronized void stopped() {
    Optional<byte[]> modes = modes();
    if (takeBack()) {
      modesOfStopped = modes;
      modesBefore.ifPresent(this::setModes);
    }
  }

  /**
   * Lends the terminal again after Guard was continued, if the shell has put it into the
   * foreground.
   */
  synchronized void continued() {
    if (commandsTurn) {
      lend();
    }
  }

  /**
   * Takes the terminal back from a main process that has ended; true when its group had it until
   * then.
   */
  synchronized boolean ended(int pgid) {
    return pgid == group && takeBack();
  }

  /**
   * Resets the modes after a command that has not ended by itself, since they can be of use only to
   * it.
   */
  synchronized void resetModes() {
    if (foreground() == ownGroup) {
      modesBefore.ifPresent(this::setModes);
    }
  }

  private boolean lend() {
    if (foreground() != ownGroup) {
      return false;
    }
    modesBefore = modes();
    modesOfStopped.ifPresent(this::setModes);
    modesOfStopped = Optional.empty();
    lent = give(group);
    return lent;
  }

  private boolean takeBack() {
    int foreground = foreground();
    if (!lent || foreground == NOBODY || (foreground != group && exists(foreground))) {
      return false;
    }
    lent = false;
    return give(ownGroup);
  }

  private int foreground() {
    try {
      return os.foregroundGroup(descriptor);
    } catch (OsException e) {
      return NOBODY;
    }
  }

  /**
   * Answers whether the group has members: a shell inside the command may have been killed with its
   * job.
   */
  private boolean exists(int pgid) {
    try {
      return pgid <= 1 || os.kill(-pgid, 0);
    } catch (OsException e) {
      // EPERM: the group is another user's.
      return true;
    }
  }

  private boolean give(int pgid) {
    try {
      os.setForegroundGroup(descriptor, pgid);
      return true;
    } catch (OsException e) {
      // The group has just ended, or the terminal was hung up.
      return false;
    }
  }

  private Optional<byte[]> modes() {
    try {
      return Optional.of(os.terminalModes(descriptor));
    } catch (OsException e) {
      return Optional.empty();
    }
  }

  private void setModes(byte[] modes) {
    try {
      os.setTerminalModes(descriptor, modes);
    } catch (OsException e) {
      // The terminal was hung up: it has no modes to restore.
    }
  }
}
