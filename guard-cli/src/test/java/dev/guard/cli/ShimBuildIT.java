package dev.guard.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code src/main/c/build} makes. */
class ShimBuildIT {
  private static final Path BUILD = Path.of("src/main/c/build").toAbsolutePath();

  @TempDir private Path directory;

  private static String build(Path to, String compiler, int exit) throws Exception {
    Process process =
        new ProcessBuilder(BUILD.toString(), to.toString(), compiler)
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isEqualTo(exit);
    return said;
  }

  @Test
  void equalSourcesGiveEqualBytes() throws Exception {
    Path one = directory.resolve("one");
    Path other = directory.resolve("a/longer/name");
    build(one, "cc", 0);
    build(other, "cc", 0);
    for (String suffix : List.of("", "-shell")) {
      Path made = Path.of(one + suffix);
      assertThat(made).hasSameBinaryContentAs(Path.of(other + suffix)).isExecutable();
      assertThat(text(made))
          .doesNotContain("GCC:", "clang version", directory.toString(), "ld-linux");
    }
  }

  private static String text(Path file) throws IOException {
    return new String(Files.readAllBytes(file), ISO_8859_1);
  }

  @Test
  void theBuildLeftOneWithoutALibrary() throws IOException {
    assertThat(text(GuardProcess.GUARD)).startsWith("\u007fELF").doesNotContain("libc.so");
    assertThat(Files.size(GuardProcess.GUARD)).isLessThan(64 << 10);
  }

  @Test
  void itLeftGuardShellByBothNames() throws IOException {
    Path shell = GuardProcess.FOLDER.resolve("bin/guard-shell");
    assertThat(text(shell)).startsWith("\u007fELF").doesNotContain("libc.so");
    assertThat(Files.size(shell)).isLessThan(16 << 10);
    assertThat(GuardProcess.FOLDER.resolve("libexec/guard/bash").toRealPath())
        .isEqualTo(shell.toRealPath());
  }

  @Test
  void withoutACompilerItSaysWhatToInstall() throws Exception {
    assertThat(build(directory.resolve("one"), "no-such-cc", 1))
        .startsWith("guard: no C compiler no-such-cc; install one, on Debian and Ubuntu: apt-get");
    assertThat(directory.resolve("one")).doesNotExist();
  }

  /** qemu-user refuses a child that shares memory, so it is made by a plain clone. */
  @Test
  @Needs({"aarch64-linux-gnu-gcc", "qemu-aarch64"})
  void onAnotherProcessorItRunsACommandToo() throws Exception {
    try (ShimWorld world = ShimWorld.in(directory)) {
      build(Path.of(world.guard()), "aarch64-linux-gnu-gcc", 0);
      Running shim = world.exec(List.of("qemu-aarch64"), "sh", "-c", "exit 3").start();
      try (ShimDialogue gateway = world.accept()) {
        gateway.run(ShimWorld.grant());
        assertThat(gateway.ended()).isEqualTo(3 << 8);
        gateway.send(WireFrame.result(3, ""));
      }
      assertThat(shim.await().exit()).isEqualTo(3);
    }
  }
}
