package dev.guard.process;

import dev.guard.os.ProcessId;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/**
 * Where the processes of a command are, so that any guard of the user can find them.
 *
 * @param command the command's id
 * @param main the pid of its main process
 * @param mainStart the start time of that, see {@link dev.guard.os.Procfs.Stat}
 * @param adopter the guard to which its orphans come and which runs nothing else, or 0
 * @param lifeline the other child of the adopter, or 0
 * @param cgroups its directories; none where it has no cgroup
 */
public record Member(
    String command, int main, long mainStart, int adopter, int lifeline, List<Path> cgroups) {

  /** A main process that nobody knows: no process has this number. */
  public static final int NOBODY = -1;

  /** Its main process. */
  public ProcessId mainId() {
    return new ProcessId(main, mainStart);
  }

  /** Counts the live processes of commands. */
  public interface Count {
    /** Live processes, 0 when the tree has gone; throws when they can not be counted. */
    int of(Member member) throws IOException;

    /**
     * A number that the processes of all commands with a cgroup in this one do not exceed; empty
     * when there is no fast way to know.
     */
    OptionalLong atMost(Path parent) throws IOException;
  }

  /** The same when its main process was waited for, so that its number may be another's. */
  public Member withoutMain() {
    return new Member(command, NOBODY, mainStart, adopter, lifeline, cgroups);
  }

  /** The same when its adopter has gone. */
  public Member withoutAdopter() {
    return new Member(command, main, mainStart, 0, 0, cgroups);
  }
}
