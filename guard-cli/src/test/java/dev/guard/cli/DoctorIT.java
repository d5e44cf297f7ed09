package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Calls {@code guard doctor} on a host where much is going on. */
@ExtendWith({NothingLeft.class, Detached.Removed.class, ReapLock.class})
class DoctorIT {
  private static final int MANY = 500;
  private static final List<String> AREAS =
      List.of("cgroups", "systemd", "namespaces", "headroom", "leaks");

  @TempDir private Path directory;

  private static Examined doctor(String... areas) {
    return Examined.of(g -> g, areas);
  }

  @Test
  void withFiveHundredProcesses() throws Exception {
    Path go = directory.resolve("all");
    String script =
        "i=0; while [ $i -lt " + MANY + " ]; do sleep 300 & i=$((i + 1)); done; touch all; wait";
    Process many = new ProcessBuilder("sh", "-c", script).directory(directory.toFile()).start();
    Polling.until("they run", () -> Files.exists(go));
    long begin = System.nanoTime();
    Examined found = doctor();
    long millis = (System.nanoTime() - begin) / 1_000_000;
    many.descendants().forEach(ProcessHandle::destroyForcibly);
    many.waitFor();
    System.out.println("guard doctor with " + MANY + " processes: " + millis + " ms");
    assertThat(found.findings()).extracting(f -> Examined.text(f, "area")).containsAll(AREAS);
    // Two seconds are meant; this host may be busy with other tests.
    assertThat(millis).isLessThan(20_000);
  }

  /** Processes come and go, and commands with their cgroups. */
  @Test
  void whatVanishesMeanwhileIsNoError() throws IOException {
    String script =
        "while [ -e go ]; do sh -c ':' & \"$GUARD\" exec --rate-limit-per-second=0"
            + " -- sh -c 'sleep 0.05 & :' & sleep 0.02 & sh -c 'exit 0'; wait; done";
    Files.createFile(directory.resolve("go"));
    Running churn = GuardProcess.script(script).in(directory).start();
    for (int i = 0; i < 5; i++) {
      assertThat(doctor().findings())
          .allSatisfy(f -> assertThat(Examined.text(f, "reason")).doesNotContain("looked at"));
    }
    Files.delete(directory.resolve("go"));
    assertThat(churn.await().exit()).isZero();
  }

  @Test
  void anOrphanIsFoundAndTheRemedyEndsIt() {
    Detached d = Detached.start("--", "sleep", "300");
    Detached.kill(d.guard(), d.lifeline());
    Examined found = doctor("leaks");
    assertThat(found.status("orphans", "")).isEqualTo("fail");
    assertThat(found.details("orphans", "")).contains("command " + d.id());
    assertThat(d.processes()).isNotEmpty();
    Finished reaped = GuardProcess.script("set -e\n" + found.script("orphans", "")).run();
    assertThat(reaped.exit()).as(reaped.errors()).isZero();
    assertThat(doctor("leaks").details("orphans", "")).doesNotContain(d.id());
    d.assertGone();
  }

  @Test
  void limitsThatAreNearAreNamed() throws IOException {
    Detached tasks =
        Detached.start(
            "--pids-max=10",
            "--",
            "sh",
            "-c",
            "for i in 1 2 3 4 5 6 7; do sleep 300 & done; sleep 300; :");
    Detached files =
        Detached.start(
            "--open-files=10",
            "--",
            "sh",
            "-c",
            "exec 3</dev/null 4<&3 5<&3 6<&3 7<&3; exec sleep 300");
    Polling.until("all run", () -> tasks.processes().size() == 9);
    Polling.until(
        "it has exec'd",
        () -> MachineRemains.text(Path.of("/proc/" + files.main() + "/comm")).equals("sleep\n"));
    Examined found = doctor("leaks");
    JsonObject near = found.find("near_limit", "command " + tasks.id()).orElseThrow();
    assertThat(Examined.text(near, "reason")).endsWith("has 9 of 10 tasks");
    JsonObject descriptors = found.find("descriptors", "command " + files.id()).orElseThrow();
    assertThat(Examined.text(descriptors, "reason"))
        .endsWith("process " + files.main() + " has 8 of 10 open files");
    assertThat(found.find("descriptors", "command " + tasks.id())).isEmpty();
  }
}
