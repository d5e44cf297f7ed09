package dev.guard.doctor.leak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.doctor.finding.Finding;
import dev.guard.doctor.finding.Remedy;
import dev.guard.doctor.machine.FakeMachine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The doctor tells nobody to end the first process, or a process that Guard does not know. */
class ZombiesTest {
  private static final String ID = "0123456789abcdef";

  @TempDir private Path root;

  private Finding zombies(FakeMachine fake, int parent) throws IOException {
    fake.process(70, "gone", 'Z', parent, 7);
    List<Finding> findings = Zombies.now(fake.machine()).findings();
    assertThat(findings).hasSize(1);
    assertThat(findings.get(0).status()).isEqualTo(Finding.Verdict.CAUTION);
    assertThat(findings.get(0).remedy().orElseThrow()).isInstanceOf(Remedy.Advice.class);
    return findings.get(0);
  }

  @Test
  void theFirstProcessIsNotToBeEnded() throws IOException {
    FakeMachine fake = new FakeMachine(root, 0).process(1, "sleep", 'S', 0, 1).in(1, "/");
    assertThat(zombies(fake, 1).remedy().orElseThrow().text())
        .startsWith("Start this container with a process 1 that waits for orphans")
        .doesNotContainIgnoringCase("end process", "stop");
  }

  @Test
  void whatGuardDoesNotKnowIsNotToBeEnded() throws IOException {
    FakeMachine fake =
        new FakeMachine(root, 0).process(9, "postgres", 'S', 1, 1).in(9, "/db.service");
    assertThat(zombies(fake, 9).remedy().orElseThrow().text())
        .startsWith("Have process 9 (postgres) wait for its children")
        .doesNotContainIgnoringCase("end process", "stop");
  }

  @Test
  void whatIsOfACommandIsStoppedByItsId() throws IOException {
    FakeMachine fake =
        new FakeMachine(root, 0)
            .process(9, "make", 'S', 1, 1)
            .in(9, "/a.service/guard/cmd_" + ID + "/main");
    assertThat(zombies(fake, 9).remedy().orElseThrow().text()).endsWith("guard stop " + ID);
  }
}
