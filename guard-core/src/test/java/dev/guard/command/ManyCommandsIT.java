package dev.guard.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.testing.CommandsInARow;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Shows that many commands of several programs leave nothing in the store. */
class ManyCommandsIT {
  private static final int PROGRAMS = 8;
  // 10,000 in all with -Dmany-commands.each=1250.
  private static final int EACH = Integer.getInteger("many-commands.each", 25);

  @TempDir private Path directory;
  private final String budget = "many-" + ProcessHandle.current().pid();

  private Process start(int number) throws IOException {
    String java = System.getProperty("java.home") + "/bin/java";
    ProcessBuilder builder =
        new ProcessBuilder(
            java,
            "-Xmx64m",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            CommandsInARow.class.getName(),
            budget,
            Integer.toString(EACH));
    builder.environment().put("XDG_STATE_HOME", directory.resolve("state").toString());
    builder.environment().put("XDG_RUNTIME_DIR", runtime().toString());
    Path said = directory.resolve("said-" + number);
    return builder.redirectErrorStream(true).redirectOutput(Redirect.to(said.toFile())).start();
  }

  /** Not used for root, who has a place of his own. */
  private Path runtime() throws IOException {
    Path runtime = directory.resolve("runtime");
    if (!Files.exists(runtime)) {
      Files.createDirectory(runtime);
      Files.setPosixFilePermissions(runtime, PosixFilePermissions.fromString("rwx------"));
    }
    return runtime;
  }

  private Path store() throws IOException {
    boolean root = System.getProperty("user.name").equals("root");
    return root ? Path.of("/run/guard") : runtime().resolve("guard");
  }

  @Test
  void manyCommandsOfSeveralProgramsLeaveNothingInTheStore() throws Exception {
    List<Process> programs = new ArrayList<>();
    for (int i = 0; i < PROGRAMS; i++) {
      programs.add(start(i));
    }
    for (int i = 0; i < PROGRAMS; i++) {
      int code = programs.get(i).waitFor();
      assertThat(code).as(Files.readString(directory.resolve("said-" + i))).isZero();
    }

    assertThat(linesOfHistory()).isEqualTo((long) PROGRAMS * EACH);
    Path state = store().resolve("budgets/" + budget + ".state");
    // Whoever comes with a new budget removes the states that are empty.
    if (Files.exists(state)) {
      assertThat(Files.readString(state)).doesNotContain("place ").hasSizeLessThan(4096);
    }
    List<Integer> guards = programs.stream().map(p -> (int) p.pid()).toList();
    try (Stream<Path> records = Files.list(store().resolve("commands"))) {
      assertThat(records.map(p -> p.getFileName().toString()))
          .noneMatch(n -> guards.stream().anyMatch(pid -> n.contains("." + pid + ".")));
    }
  }

  /** In all of its files: it may have been rotated. */
  private long linesOfHistory() throws IOException {
    long count = 0;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory.resolve("state/guard"))) {
      for (Path file : files) {
        // Of another budget is what a guard of another test left, when that was killed.
        count += Files.readAllLines(file).stream().filter(l -> l.contains(budget)).count();
      }
    }
    return count;
  }
}
