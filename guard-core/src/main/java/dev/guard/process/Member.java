package dev.guard.process;

import dev.guard.os.ProcessId;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/**
 * Says where the processes of a command are, so that any guard of the user can find them.
 *
 * @param command the command's id
 * @param main the pid of the command's main process
 * @param mainStart the start time of that, see {@link dev.guard.os.Procfs.Stat}
 * @param adopter the guard to which the command's orphans come and which runs nothing else, or 0
 * @param lifeline the other child of the adopter, or 0
 * @param cgroups the directories of the command's cgroup; none where it has no cgroup
 */
public record Member(
    String command, int main, long mainStart, int adopter, int lifeline, List<Path> cgroups) {

  /** The number of a main process that nobody knows: no process has this number. */
  public static final int NOBODY = -1;

  /** Identifies the command's main process. */
  public ProcessId mainId() {
    return new ProcessId(main, mainStart);
  }

  /** Counts the live processes of commands. */
  public interface Count {
    /**
     * Counts the live processes of one command.
     *
     * @return 0 when the tree has gone
     * @throws IOException when the processes can not be counted
     */
    int of(Member member) throws IOException;

    /**
     * Reads a number that the processes of all commands with a cgroup in this one do not exceed;
     * empty when there is no fast way to know.
     */
    OptionalLong atMost(Path parent) throws IOException;
  }

  /** Forgets the main process, which was waited for, so that its number may be another's. */
  public Member withoutMain() {
    return new Member(command, NOBODY, mainStart, adopter, lifeline, cgroups);
  }

  /** Forgets the adopter, which has gone. */
  public Member withoutAdopter() {
    return new Member(command, main, mainStart, 0, 0, cgroups);
  }
}
