package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Shows that a command ends on time, and its tree with it. */
@ExtendWith(NothingLeft.class)
class TimeoutIT {
  @Test
  void sleepIsEndedWith124() {
    Reported r = Reported.exec("--timeout", "0.5", "--", "sleep", "40");
    assertThat(r.finished().exit()).isEqualTo(124);
    assertThat(r.finished().output()).isEmpty();
    assertThat(r.cause()).isEqualTo("timeout");
    assertThat(r.report().getAsJsonObject("exit").get("signal").getAsInt()).isEqualTo(15);
    double ran = r.report().getAsJsonObject("times").get("ran_seconds").getAsDouble();
    assertThat(ran).isBetween(0.5, 10.0);
  }

  @Test
  void whoIgnoresTermIsKilled() {
    Reported r =
        Reported.exec(
            "--timeout",
            "1",
            "--kill-after",
            "1",
            "--",
            "sh",
            "-c",
            "trap '' TERM; (setsid sleep 61 &) ; sleep 60; sleep 62");
    assertThat(r.finished().exit()).isEqualTo(124);
    assertThat(r.report().getAsJsonObject("exit").get("signal").getAsInt()).isEqualTo(9);
    assertThat(r.report().getAsJsonArray("survivors")).isEmpty();
    assertThat(MachineRemains.processesWith("GUARD_ID=" + r.id())).isEmpty();
    assertThat(MachineRemains.cgroups(r.id())).isEmpty();
  }

  @Test
  void theGraceIsUsedToEndInOrder() {
    Finished f =
        GuardProcess.exec(
                "--timeout",
                "1",
                "--kill-after",
                "40",
                "--",
                "sh",
                "-c",
                "trap 'echo tidied up; exit 5' TERM; while :; do sleep 0.05; done")
            .run();
    assertThat(f.output()).isEqualTo("tidied up\n");
    assertThat(f.exit()).isEqualTo(124);
  }

  @Test
  void aStoppedCommandIsContinuedForItsTerm() {
    Finished f =
        GuardProcess.exec(
                "--timeout",
                "1",
                "--kill-after",
                "40",
                "--preserve-status",
                "--",
                "sh",
                "-c",
                "trap 'exit 6' TERM; kill -STOP $$; sleep 60")
            .run();
    assertThat(f.exit()).isEqualTo(6);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sleep 40",
        "trap 'exit 7' TERM; while :; do sleep 0.05; done",
        "trap '' TERM; while :; do sleep 0.05; done",
        "exit 3",
        "kill -HUP $$"
      })
  void preserveStatusIsAsUnderTimeout(String command) {
    Finished reference =
        GuardProcess.script("timeout --preserve-status -k 1 1 sh -c \"$1\"; exit $?", command)
            .run();
    String[] options = {"--preserve-status", "--timeout", "1", "--kill-after", "1"};
    Finished f =
        GuardProcess.exec(
                options[0],
                options[1],
                options[2],
                options[3],
                options[4],
                "--",
                "sh",
                "-c",
                command)
            .run();
    assertThat(f.exit()).isEqualTo(reference.exit());
  }

  @Test
  void theSignalAtTheTimeoutCanBeAnother() {
    Finished f =
        GuardProcess.exec(
                "--timeout",
                "0.5",
                "--signal",
                "SIGUSR1",
                "--preserve-status",
                "--",
                "sh",
                "-c",
                "trap 'exit 4' TERM; trap 'exit 5' USR1; while :; do sleep 0.05; done")
            .run();
    assertThat(f.exit()).isEqualTo(5);
    Finished wrong = GuardProcess.exec("--signal", "SOON", "--", "echo", "ran").run();
    assertThat(wrong.exit()).isEqualTo(125);
    assertThat(wrong.output()).isEmpty();
    assertThat(wrong.errors())
        .isEqualTo(
            "guard: --signal: SOON is no signal; write a name as of kill -l, or a number from 1"
                + " to 64\n");
  }

  @Test
  void aTimeSmallerThanTheClocksUnitIsTheSmallest() {
    Finished f = GuardProcess.exec("--timeout", "1e-100", "--", "sleep", "40").run();
    assertThat(f.exit()).isEqualTo(124);
  }

  /** A program that lives for a second after its TERM. */
  private static final String SLOW_END =
      "$SIG{TERM} = sub { sleep 1; exit 5 }; open my $f, '>', 'ready'; close $f; sleep 1 while 1";

  private Finished termed(GuardProcess guard, Path directory) {
    Running running = guard.in(directory).start();
    Polling.until("it runs", () -> Files.exists(directory.resolve("ready")));
    running.signal("TERM");
    return running.await();
  }

  @Test
  void aSignalThatIsPassedOnStartsTheGraceThatWasAskedFor(@TempDir Path directory) {
    Finished f =
        termed(GuardProcess.exec("--kill-after", "0.1", "--", "perl", "-e", SLOW_END), directory);
    assertThat(f.exit()).isEqualTo(128 + 9);
  }

  @Test
  void aGraceOfTheSettingsIsForTimeoutsAlone(@TempDir Path directory) {
    Finished f =
        termed(
            GuardProcess.exec("--", "perl", "-e", SLOW_END).with("GUARD_KILL_AFTER", "0.1"),
            directory);
    assertThat(f.exit()).isEqualTo(5);
  }
}
