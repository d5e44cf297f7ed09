package dev.guard.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.guard.os.DescriptorCalls;
import dev.guard.os.Os;
import dev.guard.os.OsString;
import dev.guard.os.Procfs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tells whether a guard lives in a store, which its pids can not tell in another namespace. */
@Timeout(60)
class StorePresenceTest {
  private final Os os = Os.linux();

  private final List<Integer> held = new ArrayList<>();

  @TempDir private Path root;
  private Path store;

  @BeforeEach
  void aStoreWithRecords() throws IOException {
    store = root.resolve("guard/4026532000");
    Files.createDirectories(store.resolve("commands"));
    Files.writeString(store.resolve("commands/a.json"), "{}");
  }

  private void remove() throws IOException {
    StorePresence.removeDeserted(os, Procfs.system(), store);
  }

  @Test
  void whereOneLivesNothingIsRemoved() throws IOException {
    assertThat(StorePresence.isDeserted(os, store)).isTrue();
    held.add(StorePresence.hold(os, store));
    held.add(StorePresence.hold(os, store));
    assertThat(StorePresence.isDeserted(os, store)).isFalse();
    remove();
    assertThat(store.resolve("commands/a.json")).exists();
  }

  @Test
  void whereNoneLivesAllOfItGoes() throws IOException {
    Path elsewhere = Files.createDirectory(root.resolve("elsewhere"));
    Files.createSymbolicLink(store.resolve("budgets"), elsewhere);
    Files.createFile(elsewhere.resolve("kept"));
    remove();
    assertThat(store).doesNotExist();
    assertThat(elsewhere.resolve("kept")).as("links are not followed").exists();
  }

  /** Its file is the one that it has locked, and not one that was removed meanwhile. */
  @Test
  void whoComesAfterwardsLivesThere() throws IOException {
    remove();
    held.add(StorePresence.hold(os, store));
    assertThat(StorePresence.isDeserted(os, store)).isFalse();
  }

  /** The lock that a remover has alone is waited for, and not for ever. */
  @Test
  void aLockThatIsNeverGivenBackHoldsNobodyUp() throws IOException {
    int remover =
        os.open(
            OsString.of(store.resolve("alive").toString()),
            DescriptorCalls.Open.READ_WRITE | DescriptorCalls.Open.CREATE,
            0600);
    assertThat(os.lock(remover)).isTrue();
    assertThatThrownBy(() -> StorePresence.hold(os, store))
        .hasMessageContaining("is locked by another process");
    os.close(remover);
    held.add(StorePresence.hold(os, store));
    assertThat(StorePresence.isDeserted(os, store)).isFalse();
  }

  /** A FIFO would hold up whoever opens it to read. */
  @Test
  void whatIsNoFileHangsNobody() throws IOException {
    os.makeFifo(OsString.of(store.resolve("alive").toString()));
    assertThat(StorePresence.isDeserted(os, store)).isTrue();
    held.add(StorePresence.hold(os, store));
    assertThat(StorePresence.isDeserted(os, store)).isFalse();
  }

  @AfterEach
  void leave() throws IOException {
    for (int descriptor : held) {
      Os.linux().close(descriptor);
    }
  }
}
