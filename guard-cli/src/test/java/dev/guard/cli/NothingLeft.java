package dev.guard.cli;

import dev.guard.os.Os;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Checks after every test that no process and no gate is left of the guards that it called.
 *
 * <p>This JVM is a child subreaper, so whatever a killed guard leaves, daemons and its lifeline
 * too, comes back to it as a child.
 */
final class NothingLeft implements BeforeEachCallback, AfterEachCallback {
  private static final Os OS = Os.linux();

  @Override
  public void beforeEach(ExtensionContext context) throws Exception {
    OS.becomeSubreaper();
  }

  @Override
  public void afterEach(ExtensionContext context) {
    awaitNoProcess();
    Polling.until(
        "no gate is left: " + MachineRemains.gates(), () -> MachineRemains.gates().isEmpty());
  }

  /** Returns when this JVM has no descendant. */
  static void awaitNoProcess() {
    awaitNoneBut(Set.of());
  }

  /** Returns when this JVM has no descendant but these. */
  static void awaitNoneBut(Set<Long> known) {
    try {
      Polling.until("no process is left", () -> noneBut(known));
    } catch (AssertionError e) {
      throw new AssertionError(e.getMessage() + ": " + descriptions(), e);
    }
  }

  private static boolean noneBut(Set<Long> known) throws Exception {
    List<ProcessHandle> left =
        ProcessHandle.current()
            .descendants()
            .filter(p -> !known.contains(p.pid()) && !ResidentGateway.is(p.pid()))
            .toList();
    for (ProcessHandle process : left) {
      if (!process.info().command().isPresent() && isOrphan(process)) {
        OS.waitNoHang((int) process.pid());
      }
    }
    return left.isEmpty();
  }

  /** Leaves out what Java itself started, which is Java's to wait for; by now it has. */
  private static boolean isOrphan(ProcessHandle process) {
    return process.parent().filter(ProcessHandle.current()::equals).isPresent();
  }

  private static List<String> descriptions() {
    return ProcessHandle.current()
        .descendants()
        .map(p -> p.pid() + " " + MachineRemains.text(Path.of("/proc/" + p.pid() + "/cmdline")))
        .map(s -> s.replace('\0', ' '))
        .toList();
  }
}
