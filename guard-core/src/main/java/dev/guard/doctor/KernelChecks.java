package dev.guard.doctor;

import dev.guard.os.OsException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What the kernel can do, each asked of the kernel itself and not of its version. */
final class KernelChecks {
  private final Patient patient;

  KernelChecks(Patient patient) {
    this.patient = patient;
  }

  /**
   * The findings.
   *
   * @param kills whether the kernel kills a cgroup of v2 as a whole; empty: that can not be seen
   */
  List<Finding> findings(Optional<Boolean> kills) {
    List<Finding> findings = new ArrayList<>();
    findings.add(kill(kills));
    findings.addAll(Doctor.look(Check.KERNEL, () -> List.of(cloneIntoCgroup())));
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
            new Remedy.Person("Boot Linux 5.14 or newer."));
  }

  private Finding cloneIntoCgroup() throws IOException {
    String subject = "clone3 into a cgroup";
    return patient.os().clonesIntoCgroup()
        ? Finding.pass(Check.KERNEL, subject, "processes can be started right in a cgroup")
        : Finding.skipped(
            Check.KERNEL,
            subject,
            "not to be had: the kernel is older than 5.7, or a seccomp filter hides it; commands"
                + " are held and moved, which is as safe and some milliseconds slower");
  }

  private Finding pidfd() {
    Remedy remedy =
        new Remedy.Person("Boot Linux 5.3 or newer, or allow pidfd_open in the seccomp filter.");
    try {
      int pidfd = patient.os().pidfd(patient.os().pid());
      if (pidfd < 0) {
        return Finding.caution(
            Check.KERNEL,
            "pidfd",
            "is not to be had: the end of a process is seen some milliseconds late",
            remedy);
      }
      patient.os().close(pidfd);
      return Finding.pass(Check.KERNEL, "pidfd", "the end of a process is an event");
    } catch (OsException e) {
      return Finding.fail(Check.KERNEL, "pidfd", "no command can run: " + e.getMessage(), remedy);
    }
  }

  private Finding children() {
    return patient.procfs().listsChildren()
        ? Finding.pass(Check.KERNEL, "children files", "descendants are listed by the kernel")
        : Finding.caution(
            Check.KERNEL,
            "children files",
            "are not there: descendants are found by a scan of all processes, which is slower",
            new Remedy.Person("Use a kernel with CONFIG_PROC_CHILDREN, as distributions' are."));
  }
}
