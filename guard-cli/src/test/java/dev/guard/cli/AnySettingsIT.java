package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Shows that commands that end, list or explain work with whatever settings there are, and those
 * that start do not.
 */
@ExtendWith({NothingLeft.class, Detached.Removed.class})
@Needs("tmux")
class AnySettingsIT {
  private static final String FILE = "config.toml";

  @TempDir private Path directory;

  /** Places where settings can be, each with some that can not be used. */
  enum Broken {
    VARIABLE("GUARD_TIMOUT"),
    CHOSEN_FILE("GUARD_CONFIG"),
    USERS_FILE("pid_max"),
    PROJECTS_FILE("must be a whole number"),
    NO_TOML("invalid TOML"),
    TOO_DEEP("nested too deeply");

    private final String said;

    Broken(String said) {
      this.said = said;
    }
  }

  private GuardProcess with(Broken broken, GuardProcess call) throws IOException {
    Path user = Files.createDirectories(directory.resolve("user/guard")).resolve(FILE);
    Path project = Files.createDirectories(directory.resolve("work/.guard")).resolve(FILE);
    switch (broken) {
      case VARIABLE -> call.with("GUARD_TIMOUT", "3");
      case CHOSEN_FILE -> call.with("GUARD_CONFIG", "/no/such/file");
      case USERS_FILE -> Files.writeString(user, "[limits]\npid_max = 1\n");
      case PROJECTS_FILE -> Files.writeString(project, "[limits]\nopen_files = '0'\n");
      case NO_TOML -> Files.writeString(project, "kill_after_seconds 3\n");
      case TOO_DEEP -> Files.writeString(project, "a = " + "[".repeat(100_000) + "\n");
    }
    return call.in(project.getParent().getParent())
        .with("XDG_CONFIG_HOME", directory.resolve("user").toString());
  }

  @ParameterizedTest
  @EnumSource
  void aCommandIsEnded(Broken broken) throws IOException {
    Detached d = Detached.start("--", "sleep", "300");
    Finished refused = with(broken, GuardProcess.exec("--", "true")).run();
    assertThat(refused.exit()).as("nothing is started with them").isEqualTo(125);
    assertThat(refused.errors()).matches("guard: [^\n]+\n").contains(broken.said);
    Finished stop = with(broken, GuardProcess.of("stop", d.id())).run();
    assertThat(stop.exit()).as(stop.errors()).isZero();
    assertThat(stop.errors())
        .matches("guard: the built-in settings are used, [^\n]+\n")
        .contains(broken.said);
    d.assertGone();
  }

  @Test
  void everythingElseWorksToo() {
    Detached d = Detached.start("--", "sleep", "300");
    Detached ended = Detached.start("--", "sh", "-c", "echo said; exit 3");
    assertThat(GuardProcess.of("wait", ended.id()).run().exit()).isEqualTo(3);
    List<String> calls =
        List.of(
            "ps",
            "history",
            "why " + ended.id(),
            "wait " + ended.id(),
            "logs " + ended.id(),
            "reap --dry-run",
            "session list",
            "session stop --grace 0 " + ended.id(),
            "session stop " + ended.id(),
            "doctor headroom",
            "config init made");
    Map<String, Finished> all =
        Parallel.map(
            calls,
            c -> {
              try {
                return with(Broken.NO_TOML, GuardProcess.of(c.split(" ", -1)))
                    .with("GUARD_TIMOUT", "3")
                    .run();
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
            });
    all.forEach(
        (call, f) -> {
          assertThat(f.exit())
              .as("%s: %s", call, f.errors())
              .isEqualTo(call.startsWith("wait") ? 3 : 0);
          assertThat(f.errors().lines().filter(l -> l.contains("GUARD_TIMOUT")).count())
              .as(f.errors())
              .isLessThanOrEqualTo(1);
          assertThat(f.errors().lines().count()).as("%s: %s", call, f.errors()).isLessThan(2);
        });
    assertThat(all.get("ps").output()).contains(d.id());
    assertThat(all.get("history").output()).contains(ended.id());
    assertThat(all.get("logs " + ended.id()).output()).isEqualTo("said\n");
    assertThat(all.get("doctor headroom").errors())
        .contains("(and 1 more, see guard config check)");
    for (String end : List.of("kill", "rm -f")) {
      Finished f =
          GuardProcess.of((end + " " + d.id()).split(" ", -1)).with("GUARD_TIMOUT", "3").run();
      assertThat(f.exit()).as("%s: %s", end, f.errors()).isZero();
    }
    d.assertGone();
  }
}
