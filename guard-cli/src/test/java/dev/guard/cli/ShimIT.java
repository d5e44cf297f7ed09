package dev.guard.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The shim asks a gateway, or a server of its own as if there were none. Needs root. */
@Needs("perl")
@ExtendWith(NothingLeft.class)
class ShimIT {

  private static final List<String> CLEAN =
      List.of("env", "-i", "A=a", "HOME=/h", "XDG=x", "XDG_Z=", "GUARD_X=1=2", "PATH=/bin");

  private static final String USER = "4711";
  private static final List<String> AS_USER =
      List.of("setpriv", "--reuid", USER, "--regid", USER, "--clear-groups");

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

  @Test
  void helloIsTheseBytes() {
    List<String> through =
        new ArrayList<>(List.of("env", "--ignore-signal=USR1", "--block-signal=USR2,HUP"));
    through.addAll(CLEAN);
    Running shim = world.call(through, List.of("exec", "--", "true", "")).start();
    try (ShimDialogue gateway = world.accept()) {
      WireFrame hello = gateway.expect(WireFrame.HELLO);
      String guard = hex(world.guard()) + "00";
      String work = hex(world.work("").toString()) + "00";
      String expected =
          "01000000" // protocol
              + "0002008001000000" // ignored: 10, 32, 33
              + "0108000000000000" // blocked: 1, 12
              + "00000000"
              + size(world.work("").toString())
              + work
              + "0500000005000000"
              + size(world.guard())
              + guard
              + "04000000"
              + "6578656300" // exec
              + "02000000"
              + "2d2d00" // --
              + "04000000"
              + "7472756500" // true
              + "00000000"
              + "00"
              + "04000000"
              + "07000000"
              + "484f4d453d2f6800" // HOME=/h
              + "06000000"
              + "5844475f5a3d00" // XDG_Z=
              + "0b000000"
              + "47554152445f583d313d3200" // GUARD_X=1=2
              + "09000000"
              + "504154483d2f62696e00" // PATH=/bin
              + "00000000"; // it has not detached
      assertThat(HexFormat.of().formatHex(hello.payload())).isEqualTo(expected);
      gateway.send(WireFrame.result(3, "guard: no\n"));
      gateway.expectEnd();
    }
    Finished f = shim.await();
    assertThat(f.exit()).isEqualTo(3);
    assertThat(f.errors()).isEqualTo("guard: no\n");
  }

  private static String hex(String text) {
    return HexFormat.of().formatHex(text.getBytes(ISO_8859_1));
  }

  private static String size(String text) {
    return HexFormat.of().formatHex(WireFrame.of(0).u32(text.length()).bytes(), 5, 9);
  }

  @Test
  void closedDescriptorsAreToldAndStayClosed() {
    List<String> through = List.of("sh", "-c", "exec \"$@\" <&- 2>&-", "sh");
    Running shim = world.exec(through, "sh", "-c", "readlink /proc/$$/fd/0 /proc/$$/fd/2").start();
    try (ShimDialogue gateway = world.accept()) {
      WireFrame hello = gateway.expect(WireFrame.HELLO);
      hello.takeU32();
      hello.takeU64();
      hello.takeU64();
      assertThat(hello.takeU32()).as("0 and 2 are closed, none is a terminal").isEqualTo(0b101);
      gateway.send(ShimWorld.grant().frame());
      gateway.expect(WireFrame.HELD);
      gateway.send(WireFrame.of(WireFrame.SAY).str("must not get into a descriptor of the shim"));
      gateway.send(WireFrame.of(WireFrame.RELEASE));
      gateway.expect(WireFrame.EXECED);
      assertThat(gateway.ended()).isEqualTo(1 << 8);
      gateway.send(WireFrame.result(0, "nor this"));
      gateway.expectEnd();
    }
    Finished f = shim.await();
    assertThat(f.exit()).isZero();
    assertThat(f.output()).isEmpty();
  }

  @Test
  void argumentsBeyond64KibAreCountedOnly() {
    Running shim = world.exec("echo", "x".repeat(65_000), "y".repeat(2_000), "z").start();
    try (ShimDialogue gateway = world.accept()) {
      WireFrame hello = gateway.expect(WireFrame.HELLO);
      hello.takeU32();
      hello.takeU64();
      hello.takeU64();
      hello.takeU32();
      hello.takeStr();
      assertThat(hello.takeU32()).isEqualTo(7);
      List<String> told = hello.takeStrings();
      assertThat(told).hasSize(5);
      assertThat(told.get(4)).hasSize(65_000);
      hello.takeStrings();
      assertThat(hello.takeU32()).isZero();
      assertThat(hello.isTaken()).isTrue();
      gateway.send(WireFrame.of(WireFrame.DECLINE).str(""));
    }
    ShimWorld.assertPrivate(shim.await());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void whoHasTooManySettingsIsNotServed(int more) throws IOException {
    GuardProcess guard =
        world.exec(List.of("env", "-i", "GUARD_A=" + "x".repeat(65_527 + more)), "true");
    Running shim = guard.start();
    if (more == 0) {
      try (ShimDialogue gateway = world.accept()) {
        gateway.expect(WireFrame.HELLO);
        gateway.send(WireFrame.result(0, ""));
      }
      assertThat(shim.await().exit()).isZero();
    } else {
      ShimWorld.assertPrivate(shim.await());
    }
  }

  @Test
  void declinedItHasAServerOfItsOwnForWhatTheCallerHad() {
    List<String> state =
        List.of("env", "--ignore-signal=USR1,CHLD,CONT", "--block-signal=USR2,TERM");
    Finished alone = world.exec(state, "true").with("GUARD_GATEWAY", "off").run();
    Running shim = world.exec(state, "true").start();
    try (ShimDialogue gateway = world.accept()) {
      gateway.expect(WireFrame.HELLO);
      gateway.send(WireFrame.of(WireFrame.OPEN).str("fd:1"));
      assertThat(gateway.expect(WireFrame.ANSWER).takeU32()).isZero();
      gateway.send(WireFrame.of(WireFrame.DECLINE).str("a reason"));
      gateway.expectEnd();
    }
    Finished declined = shim.await();
    ShimWorld.assertPrivate(declined);
    assertThat(declined.errors()).endsWith("0048000000000000\n").isEqualTo(alone.errors());
    assertThat(declined.output()).isEmpty();
  }

  @Test
  void aDescriptorForTheReportIsThereForTheNextServer() throws IOException {
    Files.createFile(world.work("opens"));
    List<String> through = List.of("sh", "-c", "exec \"$@\" 7>seven", "sh");
    Running shim = world.exec(through, "true").start();
    try (ShimDialogue gateway = world.accept()) {
      gateway.expect(WireFrame.HELLO);
      gateway.send(WireFrame.of(WireFrame.OPEN).str("fd:7"));
      assertThat(gateway.expect(WireFrame.ANSWER).takeU32()).isZero();
    }
    assertThat(shim.await().exit()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"--version", "doctor", "execute", ""})
  void whatIsNotExecIsJavaAtOnce(String word) throws IOException {
    Finished f = world.call(List.of(), List.of(word, "--", "true")).run();
    assertThat(f.lines()).contains("java " + word + " -- true");
    assertThat(f.exit()).isEqualTo(42);
    world.assertNobodyConnects();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "chmod g+w run/guard",
        "chmod o+w run/guard",
        "chown 4242 run/guard",
        "mv run/guard run/other && ln -s other run/guard",
        "mv run/guard run/other"
      })
  void aPlaceThatOthersCouldHaveMadeIsNoGateways(String change) throws Exception {
    assertThat(
            new ProcessBuilder("sh", "-c", change).directory(directory.toFile()).start().waitFor())
        .isZero();
    ShimWorld.assertPrivate(world.exec("true").run());
    world.assertNobodyConnects();
  }

  @Test
  void aGatewayOfAnotherUserIsNone() throws Exception {
    world.close();
    Files.delete(world.place().resolve("gateway-1"));
    Files.setPosixFilePermissions(world.place(), PosixFilePermissions.fromString("rwxr-xr-x"));
    String listens =
        "use Socket; socket(S, AF_UNIX, SOCK_STREAM, 0); bind(S, sockaddr_un('gateway-1')) or die;\n"
            + "$> = 4242; listen(S, 5); $> = 0; open F, '>', '../../listens'; close F; accept(C, S);\n"
            + "my $told = sysread(C, my $byte, 1); open F, '>', $told ? '../../told' : '../../not'; close F";
    Process other =
        new ProcessBuilder("perl", "-e", listens).directory(world.place().toFile()).start();
    try {
      Polling.until("it listens", () -> Files.exists(directory.resolve("listens")));
      ShimWorld.assertPrivate(world.exec("true").run());
      assertThat(other.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(directory.resolve("told")).doesNotExist();
      assertThat(directory.resolve("not")).exists();
    } finally {
      other.destroyForcibly().waitFor();
    }
  }

  @Test
  void aSocketThatNobodyListensAtIsNoGateway() {
    world.close();
    ShimWorld.assertPrivate(world.exec("true").run());
  }

  /** For a user below /run/user, which is its own; else below /tmp. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aUserHasAPlaceOfItsOwn(boolean hasRuntimeDirectory) throws Exception {
    for (Path open : List.of(directory, directory.resolve("run"))) {
      Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    Path runtime = Files.createDirectories(directory.resolve("run/user/" + USER));
    Path place = hasRuntimeDirectory ? runtime.resolve("guard") : Path.of("/tmp/guard-" + USER);
    Files.createDirectory(place);
    // A RESULT: to exit with 7.
    String answers =
        "use Socket; socket(S, AF_UNIX, SOCK_STREAM, 0); bind(S, sockaddr_un('gateway-1')) or die;\n"
            + "listen(S, 5); open F, '>', 'listens'; close F; accept(C, S); sysread(C, my $hello, 9);\n"
            + "syswrite(C, pack('V C C V V x V x', 16, 71, 0, 7, 0, 0))";
    String owned =
        "chown "
            + USER
            + " \"$1\"; test -z \"$2\" || chown "
            + USER
            + " \"$2\"; cd \"$1\"; shift 2; exec \"$@\"";
    List<String> words = new ArrayList<>(List.of("sh", "-c", owned, "sh", place.toString()));
    words.add(hasRuntimeDirectory ? runtime.toString() : "");
    words.addAll(AS_USER);
    words.addAll(List.of("perl", "-e", answers));
    Process gateway = new ProcessBuilder(words).start();
    try {
      Polling.until("it listens", () -> Files.exists(place.resolve("listens")));
      assertThat(world.exec(AS_USER, "true").run().exit()).isEqualTo(7);
    } finally {
      gateway.destroyForcibly().waitFor();
      for (String file : List.of("gateway-1", "listens")) {
        Files.deleteIfExists(place.resolve(file));
      }
      Files.delete(place);
    }
  }

  @Test
  void withOtherRightsThanTheCallersItAsksNobody() throws IOException {
    Finished f = world.exec(List.of("setpriv", "--egid", "4242", "--keep-groups"), "true").run();
    ShimWorld.assertPrivate(f);
    world.assertNobodyConnects();
  }

  @Test
  void withoutItsLauncherItSaysSo() throws IOException {
    Files.delete(world.launcher());
    Finished f = world.call(List.of(), List.of("doctor")).run();
    assertThat(f.exit()).isEqualTo(125);
    assertThat(f.errors())
        .isEqualTo("guard: " + world.launcher() + ": no such file, error 2; reinstall guard\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"./link", "PATH=$PWD; link", "cd sub; ../link", "cd sub; ../bin/guard"})
  void withoutProcItFindsItsFolderByItsName(String call) throws IOException {
    String unmounted =
        "umount -l /proc && ln -s \"$1\" one && ln -s one link && mkdir sub && ln -s \"${1%/*}\" bin && ";
    Running f =
        GuardProcess.script(unmounted + call + " ps", world.guard())
            .through("unshare", "-m")
            .in(directory.resolve("work"))
            .start();
    assertThat(f.await().lines()).contains("java ps");
  }

  @Test
  void theRealOneStartsJava() {
    assertThat(GuardProcess.of("--version").run().output()).startsWith("guard ");
  }

  @Test
  void aSignalBeforeAnAnswerIsToldAndNotLost() {
    Running shim = world.exec("true").start();
    try (ShimDialogue gateway = world.accept()) {
      gateway.expect(WireFrame.HELLO);
      shim.signal("TERM");
      assertThat(gateway.expect(WireFrame.SIGNAL).takeU32()).isEqualTo(15);
      gateway.send(WireFrame.of(WireFrame.DECLINE).str(""));
    }
    assertThat(shim.await().exit())
        .as("its own server was told, or it died of it")
        .isEqualTo(128 + 15);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2, 64, 69, 70, 72, 255})
  void aFrameThatIsNotForNowEndsTheConnection(int type) {
    Running shim = world.exec("true").start();
    try (ShimDialogue gateway = world.accept()) {
      gateway.expect(WireFrame.HELLO);
      gateway.send(WireFrame.of(type));
      gateway.expectEnd();
    }
    ShimWorld.assertPrivate(shim.await());
  }
}
