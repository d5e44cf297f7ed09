package dev.guard.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.guard.os.Procfs;
import dev.guard.testing.ProcessTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** pgrep(1) counts as /proc does, and what it can not tell is an error. Needs procps. */
@EnabledIf(value = "isInstalled", disabledReason = "pgrep is not installed: package procps")
class PgrepIT {
  private static final String THREE_GENERATIONS =
      "sleep 60 & echo $!; sh -c 'sleep 60 & echo $!; wait' & echo $!; sleep 60 & echo $!; wait";

  @TempDir private Path directory;

  static boolean isInstalled() {
    return Files.isExecutable(Pgrep.PROGRAM);
  }

  @Test
  void everyGenerationIsFoundOnce() throws Exception {
    try (ProcessTree tree = ProcessTree.start(THREE_GENERATIONS, 4)) {
      Set<Integer> found = new Pgrep(Pgrep.PROGRAM).of(tree.main());
      assertThat(found).isEqualTo(tree.printed());
      assertThat(found).isEqualTo(new ParentScan(Procfs.system()).of(tree.main()));
    }
  }

  @Test
  void oneCallAsksForAWholeGeneration() throws Exception {
    Path calls = directory.resolve("calls");
    try (ProcessTree tree = ProcessTree.start(THREE_GENERATIONS, 4)) {
      new Pgrep(program("echo \"$@\" >>" + calls + "; exec " + Pgrep.PROGRAM + " \"$@\""))
          .of(tree.main());
      assertThat(Files.readAllLines(calls)).as("children, grandchildren, none").hasSize(3);
      assertThat(Files.readAllLines(calls).get(0)).isEqualTo("-P " + tree.main());
      assertThat(Files.readAllLines(calls).get(1)).matches("-P \\d+,\\d+,\\d+");
    }
  }

  @Test
  void nobodyIsNoError() throws Exception {
    try (ProcessTree tree = ProcessTree.start("echo $$; exec sleep 60", 1)) {
      assertThat(new Pgrep(Pgrep.PROGRAM).of(tree.main())).isEmpty();
    }
  }

  @Test
  void whatItCanNotTellIsAnErrorAndNotNothing() throws IOException {
    for (String body : List.of("echo oops; exit 2", "exit 3", "echo 12x", "kill -9 $$")) {
      Pgrep pgrep = new Pgrep(program(body));
      assertThatThrownBy(() -> pgrep.of(1))
          .as(body)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("processes can not be counted")
          .hasMessageContaining("-P 1");
    }
    Pgrep missing = new Pgrep(directory.resolve("none"));
    assertThatThrownBy(() -> missing.of(1)).isInstanceOf(IOException.class);
  }

  private Path program(String body) throws IOException {
    Path file = directory.resolve("pgrep");
    Files.writeString(file, "#!/bin/sh\n" + body + "\n");
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
  }
}
