package dev.guard.command;

import dev.guard.cgroup.CommandCgroups;
import dev.guard.os.Cgroupfs;
import dev.guard.os.Kernel;
import dev.guard.os.Os;
import dev.guard.os.Procfs;
import dev.guard.process.Member;
import dev.guard.process.Tree;
import dev.guard.record.CommandRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** This class finds the processes of commands, by their records or by their ids alone. */
final class CommandTrees {
  private final Os os;
  private final Procfs procfs;
  private final Cgroupfs fs;
  private final int asker;

  /**
   * Finds them for whoever asks.
   *
   * @param asker the process from whose place in the cgroups they are looked for
   */
  CommandTrees(Kernel kernel, int asker) {
    this.os = kernel.os();
    this.asker = asker;
    this.procfs = kernel.procfs();
    this.fs = kernel.cgroupfs();
  }

  /** Finds the processes of a command that has a record. */
  Tree of(CommandRecord record) throws IOException {
    return of(record, this::cgroups);
  }

  /** Lists the cgroups that commands of this user have, by their ids. */
  @FunctionalInterface
  interface CgroupsById {
    /** Lists them. */
    Map<String, List<Path>> find() throws IOException;
  }

  /**
   * Finds the cgroups when it is asked first, and answers the same ones then: for one look at many
   * commands, each of which would walk over the cgroups of all.
   */
  CgroupsById foundOnce() {
    return new CgroupsById() {
      private Map<String, List<Path>> found;

      @Override
      public Map<String, List<Path>> find() throws IOException {
        found = found == null ? cgroups() : found;
        return found;
      }
    };
  }

  /** Finds the processes of a command that has a record, and its cgroups among these. */
  Tree of(CommandRecord record, CgroupsById all) throws IOException {
    Member member = record.member().isPresent() ? record.member().get() : byId(record.id(), all);
    if (record.guard().lives(procfs)) {
      return Tree.of(procfs, fs, member, record.guard().startTicks());
    }
    // The number of a guard that has died may be another's.
    Tree tree = Tree.of(procfs, fs, member.withoutAdopter()).knowing(record.strays());
    if (record.detached()) {
      // The lifeline is started as the leader of a session of its own.
      tree.withSessionOf(record.guard());
    }
    return isAttended(record) ? tree : tree.provenOnly();
  }

  /** Tells whether the command's guard lives, or the lifeline of that. */
  boolean isAttended(CommandRecord record) throws IOException {
    return record.guard().lives(procfs) || record.lifeline().lives(procfs);
  }

  /**
   * Finds the processes of a command without a record: those in its cgroups, or descended from
   * these. A mark in the environment alone proves nothing.
   */
  Tree withoutRecord(String id) throws IOException {
    return Tree.of(procfs, fs, byId(id, this::cgroups)).sparing(parentsOfAsker()).provenOnly();
  }

  private Map<String, List<Path>> cgroups() throws IOException {
    return CommandCgroups.of(os.userId(), procfs, fs, asker);
  }

  private static Member byId(String id, CgroupsById all) throws IOException {
    List<Path> cgroups = all.find().getOrDefault(id, List.of());
    return new Member(id, Member.NOBODY, 0, 0, 0, cgroups);
  }

  /** Lists whoever asks, and its ancestors. */
  Set<Integer> parentsOfAsker() throws IOException {
    Set<Integer> parents = new HashSet<>();
    for (int pid = asker;
        pid > 0 && parents.add(pid);
        pid = procfs.stat(pid).map(Procfs.Stat::parent).orElse(0)) {}
    return parents;
  }

  /** Removes the cgroup of a tree of which nothing is left. */
  static void removeCgroup(Tree tree) throws IOException {
    List<Path> busy = tree.cgroup().remove();
    if (!busy.isEmpty()) {
      throw new IOException("cgroup " + busy.get(0) + " can not be removed, it stays busy");
    }
  }
}
