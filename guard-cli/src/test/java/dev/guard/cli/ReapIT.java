package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Shows that {@code guard reap} ends the processes that nobody owns, and no others. Needs cgroups
 * that this user may write.
 */
@ExtendWith({NothingLeft.class, Detached.Removed.class, ReapLock.class})
class ReapIT {
  @TempDir private Path directory;

  /** The lines about one command. */
  private static List<String> reap(String id, String... options) {
    String[] words = new String[options.length + 1];
    words[0] = "reap";
    System.arraycopy(options, 0, words, 1, options.length);
    return Detached.guard(words).lines().stream().filter(l -> l.contains(id)).toList();
  }

  private static void assertReaped(String id, String why, int processes) {
    String rest =
        "command "
            + id
            + ": "
            + why
            + ", "
            + processes
            + (processes == 1 ? " process" : " processes");
    for (int i = 0; i < 2; i++) {
      assertThat(reap(id, "--dry-run")).singleElement().asString().matches("would end " + rest);
    }
    assertThat(MachineRemains.processesWith("GUARD_ID=" + id))
        .as("a dry run ends nothing")
        .isNotEmpty();
    assertThat(reap(id)).singleElement().asString().matches("ends " + rest);
    Detached.assertGone(id);
    assertThat(reap(id, "--dry-run")).as("again").isEmpty();
    NothingLeft.awaitNoProcess();
  }

  /** A foreground command of a guard that runs, with a process that its main one leaves. */
  private Running foreground(String... options) {
    String[] arguments = new String[options.length + 4];
    System.arraycopy(options, 0, arguments, 0, options.length);
    List<String> command =
        List.of(
            "--", "sh", "-c", "setsid sleep 301 & echo $GUARD_ID >new; mv new id; exec sleep 300");
    for (int i = 0; i < command.size(); i++) {
      arguments[options.length + i] = command.get(i);
    }
    return GuardProcess.exec(arguments).in(directory).start();
  }

  private String id() {
    Polling.until("it runs", () -> Files.exists(directory.resolve("id")));
    return MachineRemains.text(directory.resolve("id")).strip();
  }

  @ParameterizedTest
  @EnumSource
  void aDetachedCommandThatHasLostGuardAndLifeline(Cgroups cgroups) {
    Detached d = Detached.start(cgroups::on, "--", "sh", "-c", "setsid sleep 301 & sleep 300; :");
    Polling.until("it runs", () -> d.processes().size() == 3);
    Detached.kill(d.guard(), d.lifeline());
    assertThat(d.state()).isEqualTo("orphaned");
    assertReaped(d.id(), "its guard \\(process \\d+\\) and its lifeline were killed", 3);
    assertThat(GuardProcess.of("wait", d.id()).run().exit()).isEqualTo(125);
  }

  @Test
  void aForegroundCommandThatHasLostGuardAndLifeline() {
    Running guard = foreground();
    String id = id();
    Detached.kill(guard.pid(), Store.pid(id, "lifeline"));
    guard.await();
    assertReaped(id, "its guard \\(process \\d+\\) and its lifeline were killed", 2);
  }

  @Test
  void anEmptyCgroupWithoutARecord() throws IOException {
    Running guard = foreground();
    String id = id();
    Path cgroup = MachineRemains.cgroups(id).get(0);
    guard.signal("TERM");
    guard.await();
    Files.createDirectories(cgroup);
    assertThat(reap(id, "--dry-run")).as("a process may be on its way to it").isEmpty();
    Files.setLastModifiedTime(cgroup, FileTime.from(Instant.now().minusSeconds(60)));
    assertThat(reap(id, "--dry-run"))
        .containsExactly("would end command " + id + ": a cgroup without a record, 0 processes");
    assertThat(cgroup).exists();
    assertThat(reap(id)).hasSize(1);
    assertThat(cgroup).doesNotExist();
  }

  /** As at(1), a new server of tmux or a saved environment have it from the command. */
  @Test
  void whoOnlyHasTheMarkOfACommandThatHasEndedIsListedByTheDoctorAndNotEnded() throws IOException {
    Reported ended = Reported.exec("--", "true");
    Process marked = marked(ended.id());
    assertThat(reap(ended.id())).isEmpty();
    Detached.guard("rm", "-f", ended.id());
    assertThat(marked.isAlive()).isTrue();
    Finished doctor = GuardProcess.of("doctor", "leaks", "--json").run();
    assertThat(doctor.output())
        .contains("command " + ended.id() + ": processes " + marked.pid() + "\"");
    marked.destroyForcibly();
  }

  /** The mark was handed on while the command lived, and its guard and lifeline have died. */
  @ParameterizedTest
  @EnumSource
  void whoOnlyHasTheMarkOfAnOrphanedCommandIsNotEndedWithIt(Cgroups cgroups) throws IOException {
    String daemon = "setsid sh -c \"sleep 301 & :\"; exec sleep 300";
    Detached d = Detached.start(cgroups::on, "--", "sh", "-c", daemon);
    Polling.until("it runs", () -> d.processes().size() == 2);
    if (cgroups == Cgroups.NONE) {
      Polling.until(
          "the daemon is known", () -> !Store.record(d.id()).getAsJsonArray("strays").isEmpty());
    }
    ProcessBuilder builder = new ProcessBuilder("setsid", "sleep", "302");
    builder.environment().put("GUARD_ID", d.id());
    Process inherited = builder.start();
    Polling.until("it has the mark", () -> d.processes().size() == 3);
    Detached.kill(d.guard(), d.lifeline());
    assertThat(reap(d.id())).singleElement().asString().endsWith(" were killed, 2 processes");
    assertThat(d.processes()).containsExactly(inherited.pid());
    assertThat(Store.recordFile(d.id())).isEmpty();
    inherited.destroyForcibly();
  }

  private static Process marked(String id) throws IOException {
    ProcessBuilder builder = new ProcessBuilder("setsid", "sleep", "300");
    builder.environment().put("GUARD_ID", id);
    Process process = builder.start();
    Polling.until(
        "it has the mark", () -> MachineRemains.processesWith("GUARD_ID=" + id).size() == 1);
    return process;
  }

  @Test
  void leftoversWhoseCallerAndKeeperHaveDied() {
    Running caller =
        GuardProcess.script(
                "\"$GUARD\" exec --leftovers with-parent -- sh -c"
                    + " 'setsid sleep 301 & echo $GUARD_ID >new; mv new id'; echo >ended; exec sleep 300")
            .in(directory)
            .start();
    String id = id();
    Polling.until("guard has ended", () -> Files.exists(directory.resolve("ended")));
    assertThat(reap(id)).as("the process that stays with it waits for its caller").isEmpty();
    assertThat(MachineRemains.processesWith("GUARD_ID=" + id)).hasSize(1);
    Detached.kill(keeper(), caller.pid());
    caller.await();
    assertReaped(id, "its caller \\(process \\d+\\) has gone", 1);
  }

  /** The process that guard has left with what may live as long as its caller. */
  private static long keeper() {
    return ProcessHandle.allProcesses()
        .filter(p -> p.info().command().filter(GuardProcess.GUARD.toString()::equals).isPresent())
        .filter(p -> List.of(p.info().arguments().orElseThrow()).contains("with-parent"))
        .findFirst()
        .orElseThrow()
        .pid();
  }

  @Test
  void whatSomebodyLooksAfterIsLeftAlone() {
    Detached running = Detached.start("--", "sleep", "300");
    Detached unattended = Detached.start("--", "sleep", "300");
    Detached.kill(unattended.guard());
    Detached left =
        Detached.start("--leftovers", "keep", "--", "sh", "-c", "setsid sleep 301 & exit 0");
    Polling.until("its guard has ended", () -> left.state().equals("left"));
    Running guard = foreground();
    String foreground = id();
    String listed = Detached.guard("reap").output();
    assertThat(listed).doesNotContain(running.id(), unattended.id(), left.id(), foreground);
    assertThat(running.state()).isEqualTo("running");
    assertThat(unattended.state()).isEqualTo("unattended");
    assertThat(left.processes()).hasSize(1);
    assertThat(guard.isAlive()).isTrue();
    guard.signal("TERM");
    guard.await();
  }

  @Test
  void whatWasKeptWithoutACgroupIsNobodysOrphan() {
    Detached kept =
        Detached.start(
            Cgroups.NONE::on, "--leftovers", "keep", "--", "sh", "-c", "setsid sleep 301 & exit 0");
    Polling.until("its guard has ended", () -> kept.state().equals("left"));
    assertThat(reap(kept.id())).isEmpty();
    assertThat(kept.processes()).hasSize(1);
  }
}
