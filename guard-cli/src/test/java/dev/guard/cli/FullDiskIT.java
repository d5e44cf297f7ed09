package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Runs guard with the directory that all guards share on a disk without room. Needs root: it is
 * mounted in a namespace of mounts.
 */
@ExtendWith(NothingLeft.class)
@Needs({"unshare", "mount"})
class FullDiskIT {
  /** One page for the directories of the store, the file of the budget, and nothing more. */
  private static final String FULL =
      "mount -t tmpfs -o size=16k,mode=755 none /run && mkdir -m 700 /run/guard"
          + " && { cat /dev/zero >/run/zeros; true; } 2>/dev/null;";

  private static Finished onFullDisk(String command) {
    GuardProcess script = GuardProcess.script("exec unshare -m sh -c \"$1\"", FULL + " " + command);
    return script.run();
  }

  @Test
  void aCommandRunsAndItsReceiptSaysWhatIsMissing() {
    Finished f = onFullDisk("\"$GUARD\" exec --verbose -- sh -c 'echo ran; exit 3'");
    assertThat(f.output()).isEqualTo("ran\n");
    assertThat(f.exit()).isEqualTo(3);
    assertThat(f.errors()).containsPattern("registry.*degraded.*No space left");
  }

  @Test
  void whoRequiresTheRegistryIsRefused() {
    Finished f = onFullDisk("\"$GUARD\" exec --require registry -- sh -c 'echo ran'");
    assertThat(f.output()).isEmpty();
    assertThat(f.exit()).isEqualTo(125);
    assertThat(f.errors()).containsPattern("guard: .*registry.*No space left");
  }

  @Test
  void aDetachedCommandIsRefused() {
    Finished f = onFullDisk("\"$GUARD\" exec --detach -- sleep 300");
    assertThat(f.output()).isEmpty();
    assertThat(f.exit()).isEqualTo(125);
    assertThat(f.errors()).containsPattern("guard: .*/run/guard/.*No space left");
  }
}
