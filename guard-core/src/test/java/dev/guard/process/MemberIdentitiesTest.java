package dev.guard.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.os.ProcessId;
import dev.guard.os.Procfs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tells which processes have the pids that a look has listed, which began at 100. */
class MemberIdentitiesTest {
  private static final int BEGIN = 100;
  private static final ProcessId MAIN = new ProcessId(10, 50);

  @TempDir private Path proc;

  private void process(int pid, int parent, int start) throws IOException {
    Path directory = Files.createDirectories(proc.resolve(Integer.toString(pid)));
    Files.writeString(
        directory.resolve("stat"),
        pid + " (x) S " + parent + " 0 0 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 " + start + " 0 0\n");
  }

  private MemberIdentities identities(Integer... found) throws IOException {
    return MemberIdentities.of(new Procfs(proc), BEGIN, Set.of(found), Set.of(MAIN));
  }

  @BeforeEach
  void main() throws IOException {
    process(10, 1, 50);
  }

  @Test
  void whoBeganBeforeTheLookIsTheOneThatWasListed() throws IOException {
    process(11, 1, 99);
    assertThat(identities(11).live()).contains(new ProcessId(11, 99));
  }

  @Test
  void whoGotTheNumberOfOneThatHasEndedIsNotOfTheTree() throws IOException {
    process(11, 1, 100);
    MemberIdentities identities = identities(11);
    assertThat(identities.live()).containsExactly(MAIN);
    assertThat(identities.hasDoubts()).isTrue();
  }

  @Test
  void theChildrenOfTheTreeAreOfIt() throws IOException {
    process(11, 12, 101);
    process(12, 10, 101);
    MemberIdentities identities = identities(11, 12);
    assertThat(identities.live()).hasSize(3);
    assertThat(identities.hasDoubts()).isFalse();
  }

  @Test
  void theChildrenOfWhoGotTheNumberOfAKnownOneAreNot() throws IOException {
    process(10, 1, 101);
    process(11, 10, 102);
    assertThat(identities(11).live()).isEmpty();
  }

  @Test
  void whoIsConfirmedBringsItsChildren() throws IOException {
    process(11, 1, 101);
    process(12, 11, 102);
    MemberIdentities identities = identities(11, 12);
    identities.confirm(Set.of(11));
    assertThat(identities.live()).hasSize(3);
  }
}
