package dev.guard.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the doctor never tells anybody to do. */
class RefrainTest {
  private static final String ID = "0123456789abcdef";

  @TempDir private Path root;

  private static List<String> texts(List<Finding> findings) {
    List<String> texts = new ArrayList<>();
    for (Finding finding : findings) {
      texts.add(finding.reason());
      finding.remedy().map(Remedy::text).ifPresent(texts::add);
    }
    return texts;
  }

  private static List<Finding> withoutPermission() {
    return Doctor.look(
        Check.STALE,
        () -> {
          throw new IOException("/run/guard: Permission denied");
        });
  }

  @Test
  void rootIsNotToldToRunItAsRoot() throws IOException {
    List<Finding> findings = new ArrayList<>(withoutPermission());
    // No program answers, and there is nothing to be read.
    findings.addAll(new SystemdChecks(new Ward(root, 0).underSystemd().patient()).findings());
    assertThat(findings).extracting(Finding::status).contains(Finding.Status.FAIL);
    assertThat(texts(findings)).noneMatch(text -> text.contains("as root"));
    List<Finding> ofUser =
        new SystemdChecks(
                new Ward(root, 1000).underSystemd().directory("run/user/1000/bus").patient())
            .findings();
    assertThat(texts(ofUser)).as("a user is").anyMatch(text -> text.contains("as root"));
  }

  @Test
  void norWhereTheManagerOfAUnitIsSilent() throws IOException {
    Scene scene = new Scene(root);
    Mounts mounts = Mounts.systemd(100).bind("/usr", true).bind("/etc", true);
    scene.process(5, "claude", 0, "/system.slice/agent.service", mounts, "claude");
    assertThat(scene.finding().remedy().orElseThrow().text())
        .contains("where the manager of the unit can be asked")
        .doesNotContain("as root");
  }

  private Finding zombies(Ward ward, int parent) throws IOException {
    ward.process(70, "gone", 'Z', parent, 7);
    List<Finding> findings = Zombies.now(ward.patient()).findings();
    assertThat(findings).hasSize(1);
    assertThat(findings.get(0).status()).isEqualTo(Finding.Status.CAUTION);
    assertThat(findings.get(0).remedy().orElseThrow()).isInstanceOf(Remedy.Person.class);
    return findings.get(0);
  }

  @Test
  void theFirstProcessIsNotToBeEnded() throws IOException {
    Ward ward = new Ward(root, 0).process(1, "sleep", 'S', 0, 1).in(1, "/");
    assertThat(zombies(ward, 1).remedy().orElseThrow().text())
        .startsWith("Start this container with a process 1 that waits for orphans")
        .doesNotContainIgnoringCase("end process", "stop");
  }

  @Test
  void norIsWhatGuardDoesNotKnow() throws IOException {
    Ward ward = new Ward(root, 0).process(9, "postgres", 'S', 1, 1).in(9, "/db.service");
    assertThat(zombies(ward, 9).remedy().orElseThrow().text())
        .startsWith("Have process 9 (postgres) wait for its children")
        .doesNotContainIgnoringCase("end process", "stop");
  }

  @Test
  void whatIsOfACommandIsStoppedByItsId() throws IOException {
    Ward ward =
        new Ward(root, 0)
            .process(9, "make", 'S', 1, 1)
            .in(9, "/a.service/guard/cmd_" + ID + "/main");
    assertThat(zombies(ward, 9).remedy().orElseThrow().text()).endsWith("guard stop " + ID);
  }
}
