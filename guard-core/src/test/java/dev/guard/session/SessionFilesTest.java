package dev.guard.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.guard.os.Os;
import dev.guard.os.OsString;
import dev.guard.os.Procfs;
import dev.guard.value.Environment;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reads the files of sessions, in whose place anything may be. */
class SessionFilesTest {
  private static final Session SESSION =
      new Session(
          "a",
          List.of(OsString.of("true")),
          List.of(),
          new Environment(List.of()),
          false,
          Optional.empty(),
          Instant.EPOCH,
          OptionalLong.empty());

  @TempDir private Path store;
  private SessionFiles files;

  @BeforeEach
  void open() {
    files = SessionFiles.in(Os.linux(), Procfs.system(), store);
  }

  @Test
  void whatWasPutIsRead() throws IOException {
    files.put(SESSION);
    assertThat(SessionFiles.read(Os.linux(), files.spec("a"))).contains(SESSION);
    assertThat(SessionFiles.read(Os.linux(), files.spec("b"))).isEmpty();
  }

  @Test
  void aDamagedFileIsNamedWithTheReason() throws IOException {
    files.put(SESSION);
    String whole = Files.readString(files.spec("a"));
    for (String damaged :
        List.of(
            "",
            "{}",
            "\u00ff\u00fe",
            whole.substring(0, whole.length() / 2),
            whole.replace("\"version\":1", "\"version\":2"),
            whole.replace("\"name\":\"a\"", "\"name\":\"../b\""))) {
      Files.write(files.spec("a"), damaged.getBytes(StandardCharsets.ISO_8859_1));
      assertThatThrownBy(() -> SessionFiles.read(Os.linux(), files.spec("a")))
          .as(damaged)
          .hasMessageMatching(files.spec("a") + " can not be used: [a-zA-Z8 -]+; remove it");
    }
  }

  @Test
  void theResultOfAStartIsCheckedToo() throws IOException {
    files.put(SESSION);
    files.putResult("a", new StartResult(Optional.empty(), 7, List.of("x")));
    assertThat(files.takeResult("a"))
        .hasValueSatisfying(t -> assertThat(t.exitCode()).isEqualTo(7));
    Path told = store.resolve("sessions/a.told");
    Files.writeString(told, "{}");
    assertThatThrownBy(() -> files.takeResult("a")).hasMessageContaining(told.toString());
  }
}
