package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Calls {@code guard reap --install-timer} where systemd does not run. Needs root: what stands for
 * it is hidden in a namespace of mounts.
 */
@ExtendWith(NothingLeft.class)
@Needs({"unshare", "mount"})
class ReapTimerIT {
  private static final String WITHOUT_SYSTEMD =
      "exec unshare -m sh -c '[ ! -d /run/systemd ] || mount -t tmpfs none /run/systemd;"
          + " PATH=$1; \"$GUARD\" reap --install-timer' sh \"$PWD/bin\"";
  private static final String LINE =
      "\\*/5 \\* \\* \\* \\* JAVA_HOME=\"/[^\"]+\" \"" + GuardProcess.GUARD + "\" reap";

  @TempDir private Path directory;

  @BeforeEach
  void programsOfGuardsLauncher() throws IOException {
    Files.createDirectory(directory.resolve("bin"));
    for (String program : List.of("sh", "env", "base64", "readlink", "dirname", "cat")) {
      for (String folder : List.of("/bin", "/usr/bin")) {
        Path link = directory.resolve("bin/" + program);
        if (Files.exists(Path.of(folder, program)) && !Files.exists(link)) {
          Files.createSymbolicLink(link, Path.of(folder, program));
        }
      }
    }
  }

  /** One that keeps its table in a file, and says what the real ones say where there is none. */
  private void crontab(String list) throws IOException {
    GuardProcess.program(
        directory.resolve("bin/crontab"),
        "#!/bin/sh\ncase $1 in -l) " + list + " ;; -) cat >table ;; esac\n");
  }

  private Finished install() {
    return GuardProcess.script(WITHOUT_SYSTEMD).in(directory).run();
  }

  private String table() throws IOException {
    return Files.readString(directory.resolve("table"));
  }

  @Test
  void itIsOneLineInTheTableHoweverOften() throws IOException {
    crontab("if [ -e table ]; then cat table; else echo 'no crontab for root' >&2; exit 1; fi");
    for (int i = 0; i < 2; i++) {
      Finished f = install();
      assertThat(f.exit()).as(f.errors()).isZero();
      assertThat(table()).matches(LINE + "\n");
    }
  }

  @Test
  void whatTheTableHasStays() throws IOException {
    crontab("echo 'a warning' >&2; cat table");
    Files.writeString(directory.resolve("table"), "# mine\n1 2 3 4 5 true\n");
    assertThat(install().exit()).isZero();
    assertThat(table()).matches("# mine\n1 2 3 4 5 true\n" + LINE + "\n");
  }

  @Test
  void aTableThatCanNotBeReadIsNotReplaced() throws IOException {
    crontab("echo 'out of memory' >&2; exit 1");
    Files.writeString(directory.resolve("table"), "# mine\n");
    Finished f = install();
    assertThat(f.exit()).isEqualTo(125);
    assertThat(f.errors()).contains("crontab -l: out of memory");
    assertThat(table()).isEqualTo("# mine\n");
  }

  @Test
  void whereThereIsNeitherTheLineIsSaid() {
    Finished f = install();
    assertThat(f.exit()).isEqualTo(125);
    assertThat(f.errors())
        .matches(
            "guard: --install-timer: there is neither systemd nor crontab; have this run: "
                + LINE
                + "\n");
  }
}
