package dev.guard.doctor.cgroup;

import dev.guard.cgroup.CgroupForesight;
import dev.guard.doctor.finding.Check;
import dev.guard.doctor.finding.Finding;
import dev.guard.doctor.finding.Remedy;
import dev.guard.doctor.machine.ExaminedMachine;
import dev.guard.doctor.machine.ServiceManagers;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Reports which controllers this user's commands can have on v2, see systemd's Delegate=. */
final class Delegation {
  private static final List<String> NEEDED = List.of("cpu", "memory", "pids");
  private static final Path DEFAULT_MOUNT = Path.of("/sys/fs/cgroup");
  private static final String DROP_IN = "/etc/systemd/system/user@.service.d/guard-delegate.conf";
  private static final Remedy KERNELS =
      new Remedy.Advice(
          "Boot without cgroup_disable= and with a kernel that has the controller, or have it"
              + " enabled in every cgroup above; in a container that is for its engine to do.");

  private final ExaminedMachine machine;
  private final ServiceManagers managers;

  Delegation(ExaminedMachine machine) {
    this.machine = machine;
    this.managers = new ServiceManagers(machine);
  }

  Finding finding(CgroupForesight cgroups) throws IOException {
    if (cgroups.driver().equals("none")) {
      return Finding.skipped(Check.DELEGATION, "", "there is no cgroup to be had, see driver");
    }
    if (!cgroups.driver().equals("v2") && !cgroups.driver().equals("systemd")) {
      return Finding.skipped(
          Check.DELEGATION,
          "",
          "the controllers are in v1 hierarchies, which are not delegated to users;"
              + " systemd.unified_cgroup_hierarchy=1 on the kernel's command line makes it v2");
    }
    int user = machine.os().userId();
    if (user == 0) {
      return ofTree(DEFAULT_MOUNT);
    }
    if (!managers.present()) {
      Optional<Path> own = cgroups.base().map(Path::getParent);
      return own.isPresent()
          ? ofTree(own.get())
          : Finding.skipped(Check.DELEGATION, "", "no cgroup was given to this user, see base");
    }
    Path manager = ofManager(user);
    Optional<List<String>> controllers = controllers(manager);
    if (controllers.isEmpty()) {
      return Finding.skipped(
          Check.DELEGATION, "", "the manager of this user does not run, see systemd linger");
    }
    boolean all = controllers(DEFAULT_MOUNT).orElse(NEEDED).containsAll(NEEDED);
    return judge(manager, controllers.get(), all ? script(user) : KERNELS);
  }

  private static Path ofManager(int user) {
    String id = Integer.toUnsignedString(user);
    return DEFAULT_MOUNT.resolve("user.slice/user-" + id + ".slice/user@" + id + ".service");
  }

  /** Judges a tree as a whole, for root and for a user who was given a cgroup without systemd. */
  private Finding ofTree(Path top) throws IOException {
    Optional<List<String>> controllers = controllers(top);
    if (controllers.isEmpty()) {
      return Finding.skipped(Check.DELEGATION, "", "no cgroup2 tree at " + top);
    }
    return judge(top, controllers.get(), KERNELS);
  }

  private Optional<List<String>> controllers(Path cgroup) throws IOException {
    try {
      return Optional.of(
          Arrays.asList(machine.cgroupfs().read(cgroup, "cgroup.controllers").split(" ", -1)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  private static Finding judge(Path cgroup, List<String> controllers, Remedy remedy) {
    List<String> missing = new ArrayList<>(NEEDED);
    missing.removeAll(controllers);
    String has = cgroup + " has " + String.join(" ", controllers);
    return missing.isEmpty()
        ? Finding.pass(Check.DELEGATION, "", has)
        : Finding.caution(
            Check.DELEGATION,
            "",
            has + ", not " + String.join(", ", missing) + ": no such limit can be set",
            remedy);
  }

  /**
   * Writes a script that delegates controllers. The system's manager enables more controllers as
   * soon as it has read the file; the user's sees them when it executes itself anew, which ends
   * nothing (measured with systemd 252).
   */
  private Remedy script(int user) throws IOException {
    String asUser = managers.asUser(user) + " systemctl --user daemon-reexec\n";
    return new Remedy.Script(
        true,
        Remedy.write(DROP_IN, "[Service]\nDelegate=cpu memory pids\n")
            + "systemctl daemon-reload\n"
            + asUser);
  }
}
