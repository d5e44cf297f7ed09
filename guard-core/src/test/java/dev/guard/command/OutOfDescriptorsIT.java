package dev.guard.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.config.Setting;
import dev.guard.testing.Await;
import dev.guard.testing.Host;
import dev.guard.testing.TestCommands;
import dev.guard.value.Request;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * Runs a program of its own that takes every descriptor there is as soon as its command runs: also
 * the classes that end it can not be loaded any more. Needs nothing but Linux.
 */
class OutOfDescriptorsIT {
  @Test
  void theCommandIsEndedAndTheResultIsThere() throws Exception {
    List<String> java =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-XX:-MaxFDLimit",
            "-cp",
            System.getProperty("java.class.path"),
            OutOfDescriptorsIT.class.getName());
    List<String> words = new ArrayList<>(List.of("sh", "-c", "ulimit -n 256; exec \"$@\"", "sh"));
    words.addAll(java);
    Process program = new ProcessBuilder(words).redirectErrorStream(true).start();
    String said = new String(program.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(program.waitFor()).as(said).isZero();
    List<String> lines = said.lines().toList();
    assertThat(lines).as(said).hasSize(3);
    // Its watch could not look, so it was ended, before its timeout.
    assertThat(lines.get(1)).startsWith("GUARD_ERROR ");
    assertThat(lines.get(2)).as(said).isEqualTo("left []");
  }

  /** Prints the command's id, its result, and who of it is left while the Guard is open. */
  public static void main(String[] arguments) throws Exception {
    CommandRunner guard =
        CommandRunner.with(
            TestCommands.config(Map.of(Setting.TIMEOUT, "60", Setting.KILL_AFTER, "1")));
    CommandHandle command =
        guard.start(Request.of("sh", "-c", "setsid sleep 61 & sleep 60").capturing(100));
    System.out.println(command.id());
    command.released().get(20, TimeUnit.SECONDS);
    List<InputStream> taken = takeAll();
    String result;
    try {
      result = command.result().get(30, TimeUnit.SECONDS).outcome().cause() + " in time";
    } finally {
      for (InputStream one : taken) {
        one.close();
      }
    }
    System.out.println(result);
    System.out.println("left " + Host.started(command.id()));
    guard.close();
    Await.until("no record is left", () -> UserStore.open().records().find(command.id()).isEmpty());
  }

  private static List<InputStream> takeAll() {
    List<InputStream> taken = new ArrayList<>();
    try {
      while (true) {
        taken.add(new FileInputStream("/dev/null"));
      }
    } catch (IOException e) {
      // There is none left.
      return taken;
    }
  }
}
