package dev.guard.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.testing.Await;
import dev.guard.testing.HoldsForEver;
import dev.guard.testing.Host;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A command that is held never runs when the program that holds it is killed. */
class KilledWhileHeldIT {
  private static final Pattern CGROUP = Pattern.compile("/cmd_([0-9a-f]{16})");

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatIsHeldEndsWithTheProgram(boolean withItsLifeline) throws Exception {
    Path ran = directory.resolve("ran");
    Process program =
        new ProcessBuilder(
                System.getProperty("java.home") + "/bin/java",
                "-Xmx64m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                HoldsForEver.class.getName(),
                ran.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader said =
        new BufferedReader(
            new InputStreamReader(program.getInputStream(), StandardCharsets.US_ASCII))) {
      int held = Integer.parseInt(said.readLine());
      List<ProcessHandle> others = program.children().filter(child -> child.pid() != held).toList();
      assertThat(others).as("the lifeline").hasSize(1);
      assertThat(Host.alive(held)).isTrue();
      List<Path> cgroups = Host.cgroups(List.of(id(held)));
      assertThat(cgroups).isNotEmpty();
      if (withItsLifeline) {
        others.get(0).destroyForcibly();
      }
      program.destroyForcibly();
      Await.until("the held process has gone", () -> !Host.alive(held));
      assertThat(Files.exists(ran)).isFalse();
      if (withItsLifeline) {
        for (Path cgroup : cgroups) {
          Files.delete(cgroup);
        }
      }
      Await.until("its cgroups have gone", () -> cgroups.stream().noneMatch(Files::exists));
    } finally {
      program.destroyForcibly();
    }
  }

  private static String id(int pid) throws Exception {
    Matcher name = CGROUP.matcher(Files.readString(Path.of("/proc/" + pid + "/cgroup")));
    assertThat(name.find()).isTrue();
    return name.group(1);
  }
}
