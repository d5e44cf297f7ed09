package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Shows what a shim does whose own server, a JVM, ends, stops or can not start. Needs root. */
@Needs({"unshare", "nsenter", "perl", "cc"})
@ExtendWith(NothingLeft.class)
class PrivateServerIT {
  private static final String WAITS =
      "trap 'exit 9' TERM; echo $GUARD_ID; while :; do sleep 0.02; done";
  private static final String KILLED =
      "guard: the process of Java that serves this call was killed by signal 9, and the command has not run; call guard again\n";
  private static final String SILENT =
      "guard: the process of Java that serves this call does not answer, and the command has not run; call guard again\n";
  private static final String NOT_STARTED = "guard: Java could not start or go on, ";

  @TempDir private Path directory;

  private static Running running(GuardProcess guard) {
    Running started = guard.start();
    Polling.until("it runs", () -> MachineRemains.text(started.output()).length() >= 17);
    return started;
  }

  private static String id(Running guard) {
    return MachineRemains.text(guard.output()).substring(0, 16);
  }

  private static ProcessHandle server(Running guard) {
    return guard
        .process()
        .children()
        .filter(c -> c.info().command().filter(name -> name.endsWith("/java")).isPresent())
        .findFirst()
        .orElseThrow();
  }

  private static void signalServer(Running guard, String signal) {
    assertThat(Signal.send(signal, Long.toString(server(guard).pid()))).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"begin, KILL", "begin, STOP", "held, KILL", "held, STOP"})
  void beforeTheReleaseNothingHasRunAndOneLineSaysSo(String phase, String signal) throws Exception {
    // HELLO; a GRANT of what begins at argument 3; HELD, which has type 2.
    String grants =
        "sub take { my $all = ''; while (length $all < $_[0]) { sysread(S, $all, $_[0] - length $all, length $all) or die } $all }\n"
            + "take(unpack 'V', take(4));\n"
            + "syswrite(A, pack('V C V V V x V V Q< Q<', 38, 68, 0, 3, 0, 0, 0, 0, 0));\n"
            + "ord(substr(take(9), 4, 1)) == 2 or die;\n";
    try (ShimWorld world = ShimWorld.in(directory)) {
      GuardProcess.program(
          world.launcher(),
          "#!/usr/bin/perl\nuse Fcntl; open S, '<&=', 3 or die; open A, '>&=', 4 or die; fcntl(S, F_SETFL, 0);\n"
              + (phase.equals("held") ? grants : "")
              + "kill '"
              + signal
              + "', $$; sleep 1 while 1");
      Finished f = world.exec("touch", "ran").with("GUARD_GATEWAY", "off").run();
      assertThat(f.exit()).isEqualTo(125);
      assertThat(f.output()).isEmpty();
      assertThat(f.errors()).isEqualTo(signal.equals("KILL") ? KILLED : SILENT);
      assertThat(world.work("ran")).doesNotExist();
    }
  }

  @Test
  void afterItTheCommandGoesOn() {
    OwnStore store = OwnStore.in(directory.resolve("store"));
    Running guard = running(store.on(GuardProcess.exec("--", "sh", "-c", WAITS)));
    signalServer(guard, "KILL");
    guard.signal("TERM");
    Finished f = guard.await();
    assertThat(f.exit()).isEqualTo(9);
    assertThat(f.errors()).doesNotContain("guard:");
  }

  /** A stopped one is given up a second after timeout and grace, and is gone then, too. */
  @ParameterizedTest
  @ValueSource(strings = {"KILL", "STOP"})
  void afterItTheCommandIsEndedAtItsDeadline(String signal) {
    Running guard =
        running(
            GuardProcess.exec(
                "--timeout",
                "1.5",
                "--kill-after",
                "0.2",
                "--",
                "sh",
                "-c",
                "trap '' TERM; (setsid sleep 61 &); echo $GUARD_ID; sleep 60; sleep 62"));
    String id = id(guard);
    signalServer(guard, signal);
    Finished f = guard.await();
    assertThat(f.exit()).isEqualTo(124);
    assertThat(f.errors())
        .isEqualTo(
            "guard: the process of Java that served this call "
                + (signal.equals("STOP") ? "does not answer" : "has ended")
                + "; the command was ended at its timeout of 1.5 s\n");
    NothingLeft.awaitNoProcess();
    assertThat(MachineRemains.cgroups(id)).isEmpty();
  }

  @Test
  void aGatewayTakesTheCommandOver() {
    OwnStore store = OwnStore.in(directory.resolve("store"));
    GuardProcess exec = GuardProcess.exec("--", "sh", "-c", WAITS);
    Running guard = running(store.on(exec).without("GUARD_GATEWAY"));
    long server = server(guard).pid();
    assertThat(lifeline(store, guard)).isEqualTo("private " + server);
    signalServer(guard, "KILL");
    try (OwnGateway gateway = OwnGateway.beside(store, guard.pid())) {
      Path at = store.directory().resolve("run/guard");
      Polling.until(
          "it is taken over", () -> Store.pid(at, id(guard), "lifeline") == gateway.pid());
      guard.signal("TERM");
      assertThat(guard.await().exit()).isEqualTo(9);
      assertThat(store.history()).hasSize(1);
    }
  }

  private static String lifeline(OwnStore store, Running guard) {
    GuardProcess ps = GuardProcess.of("ps", "--json");
    ps.through("nsenter", "-t", Long.toString(guard.pid()), "-m");
    String listed = store.withItsVariables(ps).run().output();
    JsonObject command = Reported.parse(listed.strip().replaceAll("^\\[|]$", ""));
    return command.getAsJsonArray("layers").asList().stream()
        .map(layer -> layer.getAsJsonObject())
        .filter(layer -> layer.get("name").getAsString().equals("lifeline"))
        .map(layer -> layer.get("detail").getAsString())
        .findFirst()
        .orElseThrow();
  }

  /** As a service's manager does, which sends TERM to all of the service's processes. */
  @ParameterizedTest
  @ValueSource(strings = {"TERM", "HUP", "INT", "QUIT"})
  void whatEndsTheCallEndsNoServer(String signal) {
    OwnStore store = OwnStore.in(directory.resolve("store"));
    Running guard = running(store.on(GuardProcess.exec("--", "sh", "-c", WAITS)));
    signalServer(guard, signal);
    guard.signal("TERM");
    assertThat(guard.await().exit()).isEqualTo(9);
    assertThat(store.history()).hasSize(1);
  }

  @Test
  void aShimThatIsKilledIsMissedAlsoWhereItsPipeStaysOpen() {
    OwnStore store = OwnStore.in(directory.resolve("store"));
    Running guard = running(store.on(GuardProcess.exec("--", "sh", "-c", WAITS)));
    ProcessHandle server = server(guard);
    try (var held = new RandomAccessFile(writingEnd(guard, server).toFile(), "rw")) {
      guard.signal("KILL");
      guard.await();
      NothingLeft.awaitNoProcess();
      assertThat(held.getFD().valid()).isTrue();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The end of the pipe that the server reads from. */
  private static Path writingEnd(Running guard, ProcessHandle server) throws IOException {
    Path read = Files.readSymbolicLink(Path.of("/proc/" + server.pid() + "/fd/3"));
    try (Stream<Path> open = Files.list(Path.of("/proc/" + guard.pid() + "/fd"))) {
      return open.filter(fd -> isLinkTo(fd, read)).findFirst().orElseThrow();
    }
  }

  private static boolean isLinkTo(Path link, Path target) {
    try {
      return Files.readSymbolicLink(link).equals(target);
    } catch (IOException e) {
      // It was closed meanwhile.
      return false;
    }
  }

  @ParameterizedTest
  @CsvSource({"INT, 130", "TERM, 143", "HUP, 129"})
  void whileItsServerHangsASignalEndsTheCall(String signal, int exit) throws Exception {
    try (ShimWorld world = ShimWorld.in(directory)) {
      Path begun = world.work("begun");
      GuardProcess.program(
          world.launcher(), "#!/bin/sh\nexec 2>/dev/null\n: >'" + begun + "'\nexec sleep 600");
      Running shim = world.exec("touch", "ran").with("GUARD_GATEWAY", "off").start();
      Polling.until("its server has begun", () -> Files.exists(begun));
      shim.signal(signal);
      assertThat(shim.await().exit()).isEqualTo(exit);
      assertThat(world.work("ran")).doesNotExist();
    }
  }

  @Test
  void theCommandOfAKilledShimIsInTheHistory() {
    OwnStore store = OwnStore.in(directory.resolve("store"));
    Running guard = running(store.on(GuardProcess.exec("--", "sh", "-c", WAITS)));
    String id = id(guard);
    guard.signal("KILL");
    guard.await();
    NothingLeft.awaitNoProcess();
    assertThat(store.history()).singleElement(STRING).contains(id);
    assertThat(MachineRemains.cgroups(id)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "ulimit -v 500000, " + NOT_STARTED,
    "ulimit -d 200000, " + NOT_STARTED,
    "ulimit -n 6, guard: no descriptor is left",
    "ulimit -n 12, " + NOT_STARTED,
  })
  void whereNoJavaCanStartOneLineSaysSo(String narrow, String begin) {
    Finished f =
        GuardProcess.script(narrow + "; exec \"$GUARD\" exec -- touch ran").in(directory).run();
    assertThat(f.exit()).isEqualTo(125);
    assertThat(f.output()).isEmpty();
    assertThat(f.errors()).startsWith(begin).hasLineCount(1);
    assertThat(directory.resolve("ran")).doesNotExist();
  }

  /** A sandbox that knows no sockets hides the gateway. */
  @Test
  void aFilterThatRefusesToConnectIsNoObstacle() {
    String refuse = TestProgram.compile(directory, "refuse-call").toString();
    String connect = System.getProperty("os.arch").equals("amd64") ? "42" : "203";
    OwnStore store = OwnStore.in(directory.resolve("store"));
    try (OwnGateway gateway = OwnGateway.on(store)) {
      GuardProcess exec = GuardProcess.exec("--verbose", "--", "sh", "-c", "echo ran; exit 3");
      Finished f = gateway.serving(exec.through(refuse, connect, "1")).run();
      assertThat(f.exit()).as(f.errors()).isEqualTo(3);
      assertThat(f.output()).isEqualTo("ran\n");
      assertThat(f.errors()).containsPattern("lifeline +active +\\(private [0-9]+\\)");
    }
  }

  /** The server is in a session of its own, and has of its caller's only what it needs. */
  @Test
  void itHasNothingOfItsCaller() throws Exception {
    Path file = Files.createFile(directory.resolve("open"));
    Running guard =
        running(
            GuardProcess.exec("--", "sh", "-c", WAITS)
                .with("SECRET", "x")
                .with("LD_PRELOAD", "/not/there.so")
                .through("sh", "-c", "exec \"$@\" 7<" + file, "sh"));
    long server = server(guard).pid();
    Path proc = Path.of("/proc/" + server);
    assertThat(Files.readString(proc.resolve("comm"))).isEqualTo("guard-private\n");
    assertThat(MachineRemains.text(proc.resolve("environ")))
        .contains("HOME=")
        .doesNotContain("SECRET", "LD_PRELOAD");
    assertThat(Files.readString(proc.resolve("stat")).split(" ", 7)[5])
        .as("its session")
        .isEqualTo(Long.toString(server));
    for (int fd : new int[] {0, 1}) {
      assertThat(Files.readSymbolicLink(proc.resolve("fd/" + fd))).hasToString("/dev/null");
    }
    try (Stream<Path> open = Files.list(proc.resolve("fd"))) {
      assertThat(open.filter(fd -> isLink(fd, file))).isEmpty();
    }
    guard.signal("TERM");
    assertThat(guard.await().exit()).isEqualTo(9);
  }

  private static boolean isLink(Path descriptor, Path file) {
    try {
      return Files.readSymbolicLink(descriptor).equals(file);
    } catch (IOException e) {
      // It was closed meanwhile.
      return false;
    }
  }
}
