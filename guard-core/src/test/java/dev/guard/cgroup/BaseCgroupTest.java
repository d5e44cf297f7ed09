package dev.guard.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.guard.os.Cgroupfs;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BaseCgroupTest {
  private static final Path SELF = Path.of("/sys/fs/cgroup");

  @TempDir Path root;
  private Cgroupfs fs;

  @BeforeEach
  void cgroupsOnDisk() {
    fs = new Cgroupfs(root);
  }

  @Test
  void aCommandsCgroupIsBelowTheBaseInGuardsOwn() throws IOException {
    assertThat(BaseCgroup.make(fs, SELF, "1", base -> {})).isEqualTo(SELF.resolve("guard/cmd_1"));
    assertThat(fs.has(SELF.resolve("guard/cmd_1"), "")).isTrue();
  }

  @Test
  void anIdThatIsTakenIsAnError() throws IOException {
    BaseCgroup.make(fs, SELF, "1", base -> {});
    assertThatThrownBy(() -> BaseCgroup.make(fs, SELF, "1", base -> {}))
        .isInstanceOf(FileAlreadyExistsException.class);
  }

  @Test
  void aBaseThatWasMadeForNothingIsRemoved() {
    assertThatThrownBy(
            () ->
                BaseCgroup.make(
                    fs,
                    SELF,
                    "1",
                    base -> {
                      throw new IOException("no controller");
                    }))
        .hasMessage("no controller");
    assertThat(fs.has(SELF.resolve("guard"), "")).isFalse();
  }

  @Test
  void aBaseThatAnotherGuardRemovesMeanwhileIsMadeAgain() throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    CompletableFuture<Void> others = CompletableFuture.runAsync(() -> removeTheBaseUntil(done));
    try {
      for (int i = 0; i < 1_000; i++) {
        assertThat(fs.remove(BaseCgroup.make(fs, SELF, "1", base -> {}))).isTrue();
      }
    } finally {
      done.set(true);
      others.join();
    }
  }

  private void removeTheBaseUntil(AtomicBoolean done) {
    while (!done.get()) {
      // As rmdir(2) does it: fails when somebody has a cgroup in it.
      @SuppressWarnings("unused")
      boolean removed = root.resolve("sys/fs/cgroup/guard").toFile().delete();
    }
  }
}
