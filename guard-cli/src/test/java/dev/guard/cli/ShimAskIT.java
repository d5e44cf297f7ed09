package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The shim prints what a gateway answers, or becomes Java, which answers by itself. Needs root. */
@Needs("perl")
@ExtendWith(NothingLeft.class)
class ShimAskIT {
  private static final String GONE =
      "guard: the gateway has gone, or says nothing more, before all was told; call guard again\n";

  @TempDir private Path directory;
  private ShimWorld world;

  @BeforeEach
  void make() {
    world = ShimWorld.in(directory);
  }

  @AfterEach
  void close() {
    world.close();
  }

  private Running call(String through, String... words) {
    return world.call(List.of("sh", "-c", through + " exec \"$@\"", "sh"), List.of(words)).start();
  }

  private static WireFrame text(int type, String text) {
    return WireFrame.of(type).str(text);
  }

  private static int printed(ShimDialogue gateway, String text) {
    gateway.send(text(WireFrame.PRINT, text));
    return gateway.expect(WireFrame.ANSWER).takeU32();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ps", "logs", "wait", "stop", "kill", "rm", "history", "why"})
  void whatTheGatewayAnswersIsPrinted(String word) {
    Running shim = call("", word, "--json");
    try (ShimDialogue gateway = world.accept()) {
      gateway.expect(WireFrame.HELLO);
      assertThat(printed(gateway, "one\n\0\u00ff")).isZero();
      gateway.send(text(WireFrame.SAY, "guard: a notice\n"));
      assertThat(printed(gateway, "two\n")).isZero();
      gateway.send(WireFrame.result(7, "guard: the last word\n"));
      gateway.expectEnd();
    }
    Finished f = shim.await();
    assertThat(f.exit()).isEqualTo(7);
    assertThat(f.output()).isEqualTo("one\n\0\u00fftwo\n");
    assertThat(f.errors()).isEqualTo("guard: a notice\nguard: the last word\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"reap", "doctor", "gateway", "config", "session", "--help", "psx", "run", ""})
  void otherCallsAreNoGatewaysBusiness(String word) throws IOException {
    assertThat(call("", word).await().output()).startsWith("java " + word + "\n");
    world.assertNobodyConnects();
  }

  @Test
  void whoWantsNoneAsksNone() throws IOException {
    assertThat(call("GUARD_GATEWAY=off", "ps").await().output()).startsWith("java ps\n");
    world.assertNobodyConnects();
  }

  @ParameterizedTest
  @CsvSource({">/dev/full, 28", ">&-, 9", "</dev/null >/dev/null, 0"})
  void whyItCanNotPrintIsTold(String redirection, int errno) {
    Running shim =
        world
            .call(List.of("sh", "-c", "exec \"$@\" " + redirection, "sh"), List.of("history"))
            .start();
    try (ShimDialogue gateway = world.accept()) {
      gateway.expect(WireFrame.HELLO);
      assertThat(printed(gateway, "text")).isEqualTo(errno);
      gateway.send(WireFrame.result(125, ""));
    }
    assertThat(shim.await().exit()).isEqualTo(125);
  }

  @Test
  void itDiesOfPipeWhenItIsTold() {
    Running shim = call("", "history");
    try (ShimDialogue gateway = world.accept()) {
      gateway.expect(WireFrame.HELLO);
      gateway.send(WireFrame.of(WireFrame.RESULT).u8(1).u32(13).str("").str(""));
    }
    assertThat(shim.await().exit()).isEqualTo(141);
  }

  @Test
  void declinedItBecomesJavaWithWhatTheCallerHad() {
    String state = "trap '' USR1;";
    Finished alone = call(state + "GUARD_GATEWAY=off", "ps", "-a").await();
    Running shim = call(state, "ps", "-a");
    try (ShimDialogue gateway = world.accept()) {
      gateway.expect(WireFrame.HELLO);
      gateway.send(text(WireFrame.DECLINE, "a reason"));
      gateway.expectEnd();
    }
    Finished declined = shim.await();
    assertThat(declined.exit()).isEqualTo(42);
    assertThat(declined.lines().subList(0, 3)).isEqualTo(alone.lines().subList(0, 3));
  }

  @ParameterizedTest
  @ValueSource(ints = {WireFrame.GRANT, WireFrame.RELEASE, WireFrame.OPEN, 72, 99})
  void whatHasNoPlaceHereIsTakenForNoGateway(int type) {
    Running shim = call("", "ps");
    try (ShimDialogue gateway = world.accept()) {
      gateway.expect(WireFrame.HELLO);
      gateway.send(text(type, "x"));
      gateway.expectEnd();
    }
    assertThat(shim.await().output()).startsWith("java ps\n");
  }

  @Test
  void aGatewayThatDiesWhileItTellsIsNamed() {
    Running shim = call("", "ps");
    try (ShimDialogue gateway = world.accept()) {
      gateway.expect(WireFrame.HELLO);
      assertThat(printed(gateway, "half of it")).isZero();
    }
    Finished f = shim.await();
    assertThat(f.exit()).isEqualTo(125);
    assertThat(f.output()).isEqualTo("half of it");
    assertThat(f.errors()).isEqualTo(GONE);
  }

  /** Its answer meets a connection that nobody has any more: PIPE, as of a reader that has gone. */
  @Test
  void aGatewayThatIsGoneWhenItIsAnsweredIsNamed() throws IOException {
    Path fifo = directory.resolve("fifo");
    assertThat(GuardProcess.script("mkfifo \"$1\"", fifo.toString()).run().exit()).isZero();
    Running shim = call("exec >" + fifo + ";", "history");
    try (InputStream reader = new FileInputStream(fifo.toFile())) {
      try (ShimDialogue gateway = world.accept()) {
        gateway.expect(WireFrame.HELLO);
        // More than a pipe takes: it waits for the reader below.
        gateway.send(text(WireFrame.PRINT, "x".repeat(100_000)));
        assertThat(reader.read()).isEqualTo('x');
      }
      assertThat(reader.transferTo(OutputStream.nullOutputStream())).isEqualTo(99_999);
    }
    Finished f = shim.await();
    assertThat(f.exit()).isEqualTo(125);
    assertThat(f.errors()).isEqualTo(GONE);
  }

  @Test
  void oneThatDiesBeforeItTellsIsForgotten() {
    Running shim = call("", "ps");
    try (ShimDialogue gateway = world.accept()) {
      gateway.expect(WireFrame.HELLO);
    }
    assertThat(shim.await().output()).startsWith("java ps\n");
  }

  @ParameterizedTest
  @CsvSource({"INT, 130", "TERM, 143", "HUP, 129", "QUIT, 131"})
  void signalsEndItAsAnyProgram(String signal, int status) {
    Running shim = call("", "wait", "x");
    try (ShimDialogue gateway = world.accept()) {
      gateway.expect(WireFrame.HELLO);
      shim.signal(signal);
      gateway.expectEnd();
    }
    assertThat(shim.await().exit()).isEqualTo(status);
  }
}
