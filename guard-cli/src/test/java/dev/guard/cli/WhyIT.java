package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Shows how {@code guard why} explains the end of a command. */
@ExtendWith(NothingLeft.class)
class WhyIT {
  @TempDir private Path directory;
  private OwnStore store;

  @BeforeEach
  void ownStore() {
    store = OwnStore.in(directory);
  }

  private GuardProcess exec(String... words) {
    return store.on(GuardProcess.exec(words));
  }

  private Finished why(String... words) {
    List<String> all = new ArrayList<>(List.of("why"));
    all.addAll(List.of(words));
    return store.on(GuardProcess.of(all.toArray(String[]::new))).run();
  }

  private String explained(String... words) {
    Finished f = why(words);
    assertThat(f.exit()).as(f.errors()).isZero();
    assertThat(f.errors()).isEmpty();
    return f.output();
  }

  private JsonObject json(String... words) {
    List<String> all = new ArrayList<>(List.of(words));
    all.add("--json");
    return Reported.parse(explained(all.toArray(String[]::new)));
  }

  @Test
  void aTimeoutWithItsLimitAndWhatWasUsed() {
    exec("--timeout", "0.5", "--name", "slow", "--", "sleep", "30").run();
    assertThat(explained())
        .containsPattern(
            "^command [0-9a-f]{16} \\(slow\\)\n  sleep 30\nended [-0-9]{10} [:0-9]{8} in ")
        .contains(directory.resolve("work") + ", exit status 124, cause timeout\n")
        .contains("\nit ran longer than its timeout, and Guard ended it with all its processes\n")
        .contains("\nGuard said:\n  ended at its timeout of 0.5 s (--timeout; raise it there)\n")
        .containsPattern("\n  timeout +active +0[.]50 s +0[.]5\\d s\n")
        .contains("\nWhat to do: give it more time (--timeout)");
    assertThat(explained("slow")).isEqualTo(explained());
    JsonObject timeout =
        json("slow").getAsJsonArray("limits").asList().stream()
            .map(l -> l.getAsJsonObject())
            .filter(l -> l.get("name").getAsString().equals("timeout"))
            .findFirst()
            .orElseThrow();
    assertThat(timeout.get("limit").getAsString()).isEqualTo("0.5");
    assertThat(timeout.get("used").getAsDouble()).isBetween(0.5, 60.0);
  }

  @Test
  void tasksThatTheKernelRefused() {
    String many = "for i in 1 2 3 4 5 6 7 8; do sleep 5 & done; wait";
    exec("--pids-max", "4", "--", "sh", "-c", many).run();
    assertThat(explained())
        .contains("cause pids\nit failed after the kernel had refused it new processes or threads")
        .containsPattern("\n  pids +active +4 +4, [1-9]\\d* refused\n")
        .contains("raise --pids-max");
    JsonObject all = json();
    assertThat(all.get("cause").getAsString()).isEqualTo("pids");
    assertThat(all.get("forks_refused").getAsInt()).isPositive();
    assertThat(all.getAsJsonObject("report").getAsJsonObject("exit").get("cause").getAsString())
        .isEqualTo("pids");
  }

  @Test
  void memoryThatWasTooLittle() {
    exec("--memory-max", "16M", "--", "perl", "-e", "$x = 'x' x 200_000_000").run();
    assertThat(explained())
        .contains("exit status 137, cause memory\n")
        .containsPattern("\n  memory +active +16[.]0M +1[56][.]\\dM, 1 killed\n");
    assertThat(json().get("oom_kills").getAsInt()).isEqualTo(1);
  }

  @Test
  void aStatusOfItsOwnAndASignal() {
    exec("--", "sh", "-c", "exit 3").run();
    assertThat(explained()).contains("\nit ended by itself with this status; Guard has not ended");
    exec("--", "true").run();
    assertThat(explained())
        .contains("exit status 0, cause exited\nit ended by itself, and well\n")
        .doesNotContain("What to do");
    exec("--", "sh", "-c", "kill -9 $$").run();
    assertThat(explained())
        .contains("\nsignal 9 ended its main process, and not for a limit of Guard's\n")
        .contains("SIGKILL comes from");
    exec("--", "no-such-program").run();
    assertThat(explained()).contains("exit status 127").contains("\nGuard said:\n  ");
  }

  /** Whoever asks by hand looks for the last one here, not for what others do elsewhere. */
  @Test
  void withoutAWordTheLastOneOfThisDirectory() throws Exception {
    Path other = Files.createDirectory(directory.resolve("other"));
    exec("--", "sh", "-c", "exit 3").run();
    String words = "\"directory\":\"" + directory.resolve("work") + "\"";
    exec("--", "sh", "-c", "exit 4", words).in(other).run();
    assertThat(explained()).contains("exit status 3,");
    Finished none =
        store.on(GuardProcess.of("why")).in(Files.createDirectory(directory.resolve("new"))).run();
    assertThat(none.exit()).isEqualTo(125);
    assertThat(none.errors())
        .matches("guard: no command has ended in [^\n]+/new; guard history lists [^\n]+\n");
    Finished unknown = why("nobody");
    assertThat(unknown.exit()).isEqualTo(125);
    assertThat(unknown.errors()).contains("no command nobody is known");
  }

  @Test
  void oneThatLivesAndOneThatWasRefused() {
    Running live = exec("--name", "live", "--", "sh", "-c", "echo began; exec sleep 60").start();
    Polling.until("the command runs", () -> Files.size(live.output()) > 0);
    assertThat(explained("live"))
        .contains(" has not ended: it is running for ")
        .contains(" are left of its time\n")
        .contains(" ends it\n");
    assertThat(json("live").get("state").getAsString()).isEqualTo("running");
    exec("--", "true").run();
    assertThat(explained())
        .contains("exit status 75, cause refused_processes\nit was not run: too many commands")
        .contains("What to do: end one of those that guard ps lists, by guard stop ID");
    store.on(GuardProcess.of("stop", "live")).run();
    live.await();
    assertThat(explained("live")).contains("cause signalled\nsignal 15 ended its main process");
  }
}
