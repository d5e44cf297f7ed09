package dev.guard.doctor.cgroup;

import dev.guard.doctor.finding.Check;
import dev.guard.doctor.finding.Finding;
import dev.guard.doctor.finding.Findings;
import dev.guard.doctor.finding.Remedy;
import dev.guard.doctor.machine.ExaminedMachine;
import dev.guard.os.OsException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What the kernel can do, each asked of the kernel itself and not of its version. */
final class KernelChecks {
  private final ExaminedMachine machine;

  KernelChecks(ExaminedMachine machine) {
    this.machine = machine;
  }

  /**
   * The findings.
   *
   * @param kills whether the kernel kills a cgroup of v2 as a whole; empty: that can not be seen
   */
  List<Finding> findings(Optional<Boolean> kills) {
    List<Finding> findings = new ArrayList<>();
    findings.add(kill(kills));
    findings.addAll(Findings.orUnable(Check.KERNEL, () -> List.of(cloneIntoCgroup())));
    findings.add(pidfd());
    findings.add(children());
    return findings;
  }

  static Finding kill(Optional<Boolean> kills) {
    String subject = "cgroup.kill";
    if (kills.isEmpty()) {
      return Finding.skipped(
          Check.KERNEL, subject, "there is no cgroup of a v2 tree that would show it");
    }
    return kills.get()
        ? Finding.pass(Check.KERNEL, subject, "a whole tree is killed in one step")
        : Finding.caution(
            Check.KERNEL,
            subject,
            "is not there: trees are stopped and killed in rounds",
            new Remedy.Advice("Boot Linux 5.14 or newer."));
  }

  private Finding cloneIntoCgroup() throws IOException {
    String subject = "clone3 into a cgroup";
    return machine.os().clonesIntoCgroup()
        ? Finding.pass(Check.KERNEL, subject, "processes can be started right in a cgroup")
        : Finding.skipped(
            Check.KERNEL,
            subject,
            "not to be had: the kernel is older than 5.7, or a seccomp filter hides it; commands"
                + " are held and moved, which is as safe and some milliseconds slower");
  }

  private Finding pidfd() {
    Remedy remedy =
        new Remedy.Advice("Boot Linux 5.3 or newer, or allow pidfd_open in the seccomp filter.");
    try {
      int pidfd = machine.os().pidfd(machine.os().pid());
      if (pidfd < 0) {
        return Finding.caution(
            Check.KERNEL,
            "pidfd",
            "is not to be had: the end of a process is seen some milliseconds late",
            remedy);
      }
      machine.os().close(pidfd);
      return Finding.pass(Check.KERNEL, "pidfd", "the end of a process is an event");
    } catch (OsException e) {
      return Finding.fail(Check.KERNEL, "pidfd", "no command can run: " + e.getMessage(), remedy);
    }
  }

  private Finding children() {
    return machine.procfs().listsChildren()
        ? Finding.pass(Check.KERNEL, "children files", "descendants are listed by the kernel")
        : Finding.caution(
            Check.KERNEL,
            "children files",
            "are not there: descendants are found by a scan of all processes, which is slower",
            new Remedy.Advice("Use a kernel with CONFIG_PROC_CHILDREN, as distributions' are."));
  }
}
