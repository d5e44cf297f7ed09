package dev.guard.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.guard.launch.LaunchedCommand.LaunchEnd;
import dev.guard.os.DescriptorCalls;
import dev.guard.os.Errno;
import dev.guard.os.LimitCalls;
import dev.guard.os.Os;
import dev.guard.os.OsString;
import dev.guard.os.Procfs;
import dev.guard.os.SignalCalls;
import dev.guard.os.Signals;
import dev.guard.testing.Host;
import dev.guard.value.CommandInput;
import dev.guard.value.CommandOutput;
import dev.guard.value.Environment;
import dev.guard.value.Request;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Checks that each {@link Launch} keeps this contract, whoever makes the process. Needs nothing but
 * Linux.
 */
@Timeout(value = 90, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
abstract class LaunchContract {
  // MAX_ARG_STRLEN of the kernel, with the NUL at the end.
  private static final int LONGEST_STRING = 131_072;
  // errno(3).
  private static final int ETXTBSY = 26;
  private static final int ELOOP = 40;
  private static final int CAPTURED = 1 << 22;
  private static final String PATH = "PATH=/usr/bin:/bin";

  final Os os = Os.linux();
  final Procfs procfs = Procfs.system();
  @TempDir Path directory;
  private Launch launch;
  private Set<Integer> before;

  /** The one that is tested. It goes with the test. */
  abstract Launch launch() throws Exception;

  /** A program of another test of this process may be about to end. */
  @BeforeEach
  void begin() throws Exception {
    before = children();
    launch = launch();
  }

  /** Whatever became of the commands, no process of them is left. */
  @AfterEach
  void nothingIsLeft() throws Exception {
    Set<Integer> left = children();
    left.removeAll(before);
    assertThat(left).as("children of this process").isEmpty();
  }

  private Set<Integer> children() throws IOException {
    Set<Integer> children = new HashSet<>();
    for (int pid : procfs.pids()) {
      procfs.stat(pid).filter(s -> s.parent() == os.pid()).ifPresent(s -> children.add(s.pid()));
    }
    return children;
  }

  private LaunchedCommand hold(Request request) throws Exception {
    return LaunchedCommand.hold(os, launch, request);
  }

  private LaunchEnd run(Request request) throws Exception {
    try (LaunchedCommand command = hold(request)) {
      return command.run();
    }
  }

  private static Request words(String... argv) {
    return Request.of(argv)
        .capturing(CAPTURED)
        .withEnvironment(new Environment(List.of(OsString.of(PATH))));
  }

  private static Request sh(String script) {
    return words("sh", "-c", script);
  }

  private static Request sleep() {
    return words("/bin/sleep", "1000");
  }

  private static OsString bytes(String oneCharacterEach) {
    return OsString.ofBytes(oneCharacterEach.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static String everyByte() {
    return IntStream.rangeClosed(1, 255)
        .mapToObj(b -> String.valueOf((char) b))
        .reduce("", String::concat);
  }

  private static List<String> strings(String listed) {
    assertThat(listed).endsWith("\0");
    return Arrays.asList(listed.substring(0, listed.length() - 1).split("\0", -1));
  }

  /** The arguments that a shell has got after those that make it list them. */
  private List<String> arguments(String... given) throws Exception {
    List<OsString> argv = new ArrayList<>();
    for (String word : List.of("/bin/sh", "-c", "cat /proc/$$/cmdline; exit", "name")) {
      argv.add(OsString.of(word));
    }
    argv.addAll(Stream.of(given).map(LaunchContract::bytes).toList());
    Request request = Request.of(argv).capturing(CAPTURED);
    List<String> listed = strings(run(request).output());
    return listed.subList(4, listed.size());
  }

  private static Request listsVariables(String... given) {
    List<OsString> entries = Stream.of(given).map(LaunchContract::bytes).toList();
    return words("/bin/cat", "/proc/self/environ").withEnvironment(new Environment(entries));
  }

  private List<String> variables(String... given) throws Exception {
    return strings(run(listsVariables(given)).output());
  }

  // ---- arguments

  @Test
  void anArgumentOfEveryByteArrives() throws Exception {
    assertThat(arguments(everyByte())).containsExactly(everyByte());
  }

  @Test
  void emptyArgumentsArrive() throws Exception {
    assertThat(arguments("", "a", "", "")).containsExactly("", "a", "", "");
  }

  @Test
  void manyArgumentsArriveInOrder() throws Exception {
    String[] many = IntStream.range(0, 10_000).mapToObj(String::valueOf).toArray(String[]::new);
    assertThat(arguments(many)).containsExactly(many);
  }

  @Test
  void theLongestArgumentThereCanBeArrives() throws Exception {
    String longest = "x".repeat(LONGEST_STRING - 1);
    assertThat(arguments(longest)).containsExactly(longest);
  }

  @Test
  void aProgramThatPathLeadsToKeepsTheNameItWasCalledBy() throws Exception {
    assertThat(strings(run(words("cat", "/proc/self/cmdline")).output()))
        .containsExactly("cat", "/proc/self/cmdline");
  }

  // ---- environment

  @Test
  void variablesOfAnyBytesArriveInOrder() throws Exception {
    String any = "A=" + everyByte();
    assertThat(variables(any, "no identifier=1", "EMPTY=", "TWICE=1", "TWICE=2", "entry without"))
        .startsWith(any, "no identifier=1", "EMPTY=", "TWICE=1", "TWICE=2", "entry without")
        .hasSize(7);
  }

  @Test
  void withoutVariablesThereIsOnlyTheId() throws Exception {
    try (LaunchedCommand command = hold(listsVariables())) {
      assertThat(strings(command.run().output())).containsExactly("GUARD_ID=" + command.id());
    }
  }

  @Test
  void theIdOfAnotherCommandIsReplaced() throws Exception {
    assertThat(variables("GUARD_ID=0", "B=1"))
        .hasSize(2)
        .startsWith("B=1")
        .doesNotContain("GUARD_ID=0");
  }

  @Test
  void aLargeEnvironmentArrives() throws Exception {
    String[] large =
        IntStream.range(0, 10)
            .mapToObj(i -> "V" + i + "=" + "y".repeat(100_000))
            .toArray(String[]::new);
    assertThat(variables(large)).startsWith(large).hasSize(11);
  }

  @Test
  void whatIsTooLongForTheKernelIsSaid() throws Exception {
    Request tooLong = words("/bin/true", "x".repeat(LONGEST_STRING));
    assertTooLong(tooLong);
    Request tooMuch =
        words("/bin/true")
            .withEnvironment(new Environment(List.of(bytes("V=" + "x".repeat(LONGEST_STRING)))));
    assertTooLong(tooMuch);
  }

  /** Already the hold may say so. */
  private void assertTooLong(Request request) {
    int before = Host.descriptors();
    NotExecutedException e = catchThrowableOfType(NotExecutedException.class, () -> run(request));
    assertThat(e).hasMessage("/bin/true: its arguments and environment are too long");
    assertThat(e.exitCode()).isEqualTo(126);
    assertThat(Host.descriptors()).isLessThanOrEqualTo(before);
  }

  // ---- descriptors

  private List<Integer> openDescriptors(Request request) throws Exception {
    try (LaunchedCommand command = hold(request)) {
      command.runToSleep(procfs);
      try (Stream<Path> open = Files.list(Path.of("/proc/" + command.pid() + "/fd"))) {
        return open.map(fd -> Integer.valueOf(fd.getFileName().toString())).sorted().toList();
      }
    }
  }

  @Test
  void onlyTheStandardThreeAreOpen() throws Exception {
    try (var otherwiseOpen = Files.newByteChannel(Files.createFile(directory.resolve("open")))) {
      assertThat(otherwiseOpen.isOpen()).isTrue();
      assertThat(openDescriptors(sleep())).containsExactly(0, 1, 2);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void aClosedStandardStreamIsClosed(int closed) throws Exception {
    Request request =
        closed == 0
            ? sleep().withInput(new CommandInput.Closed())
            : sleep()
                .withOutput(
                    closed == 1 ? new CommandOutput.Closed() : new CommandOutput.Discard(),
                    closed == 2 ? new CommandOutput.Closed() : new CommandOutput.Discard());
    assertThat(openDescriptors(request)).hasSize(2).doesNotContain(closed);
  }

  @Test
  void allThreeMayBeClosed() throws Exception {
    Request request =
        sleep()
            .withInput(new CommandInput.Closed())
            .withOutput(new CommandOutput.Closed(), new CommandOutput.Closed());
    assertThat(openDescriptors(request)).isEmpty();
  }

  @Test
  void descriptorsArePassedUnderTheirNumbers() throws Exception {
    int[] pipe = os.pipe();
    try {
      assertThat(openDescriptors(sleep().inheriting(List.of(pipe[1]), 0)))
          .containsExactly(0, 1, 2, pipe[1]);
      // By a name, since a shell may take numbers of one digit only.
      Request writes =
          words("/bin/sh", "-c", "echo passed >/proc/self/fd/" + pipe[1])
              .inheriting(List.of(pipe[1]), 0);
      assertThat(run(writes).status().code()).isZero();
      byte[] buffer = new byte[16];
      assertThat(new String(buffer, 0, os.read(pipe[0], buffer), StandardCharsets.US_ASCII))
          .isEqualTo("passed\n");
    } finally {
      os.close(pipe[0]);
      os.close(pipe[1]);
    }
  }

  @Test
  void inputComesAndOutputAndErrorGoTheirWays() throws Exception {
    byte[] input = "in".getBytes(StandardCharsets.US_ASCII);
    LaunchEnd ended = run(sh("cat; echo err >&2; exit 7").withInput(new CommandInput.Bytes(input)));
    assertThat(ended.output()).isEqualTo("in");
    assertThat(ended.error()).isEqualTo("err\n");
    assertThat(ended.status().code()).isEqualTo(7);
  }

  // ---- signals

  private long mask(Request request, String which) throws Exception {
    try (LaunchedCommand command = hold(request)) {
      command.runToSleep(procfs);
      String status = procfs.text(command.pid(), "status").orElseThrow();
      String line = status.lines().filter(l -> l.startsWith(which)).findFirst().orElseThrow();
      return Long.parseUnsignedLong(line.substring(which.length()).trim(), 16);
    }
  }

  private static long bits(int... signals) {
    return IntStream.of(signals).mapToLong(s -> 1L << (s - 1)).reduce(0, (a, b) -> a | b);
  }

  @Test
  void noSignalIsBlocked() throws Exception {
    assertThat(mask(sleep(), "SigBlk:")).isZero();
  }

  /** Of those that this process ignores itself, as it must have found them. */
  @Test
  void whatIsToStayIgnoredIsIgnoredAndNothingElse() throws Exception {
    os.setSignal(Signals.URG, SignalCalls.Disposition.IGNORE);
    os.setSignal(Signals.WINCH, SignalCalls.Disposition.IGNORE);
    try {
      long ignored = bits(Signals.URG, Signals.CONT);
      assertThat(mask(sleep().inheriting(List.of(), ignored), "SigIgn:"))
          .isEqualTo(bits(Signals.URG));
      assertThat(mask(sleep(), "SigIgn:")).isZero();
    } finally {
      os.setSignal(Signals.URG, SignalCalls.Disposition.DEFAULT);
      os.setSignal(Signals.WINCH, SignalCalls.Disposition.DEFAULT);
    }
  }

  // ---- directory

  private static Request in(Request request, Path where) {
    return request.withDirectory(OsString.of(where.toString()));
  }

  @Test
  void itStandsInItsDirectory() throws Exception {
    assertThat(run(in(words("/bin/pwd", "-P"), directory)).lines())
        .containsExactly(directory.toRealPath().toString());
  }

  @Test
  void withoutOneItStandsWhereThisProcessDoes() throws Exception {
    assertThat(run(words("/bin/pwd", "-P")).output()).isEqualTo(os.workingDirectory() + "\n");
  }

  @Test
  void theNameOfADirectoryMayHaveAnyBytes() throws Exception {
    OsString odd = OsString.of(directory.toRealPath() + "/").concat(bytes("\377 \n\001"));
    os.makeDirectory(odd, 0700);
    try {
      String printed = run(words("/bin/pwd", "-P").withDirectory(odd)).output();
      assertThat(bytes(printed.substring(0, printed.length() - 1))).isEqualTo(odd);
    } finally {
      os.removeDirectory(odd);
    }
  }

  @Test
  void itMayStandInADirectoryThatWasRemoved() throws Exception {
    Path removed = Files.createDirectory(directory.resolve("removed"));
    try (LaunchedCommand there = hold(in(sleep(), removed))) {
      there.runToSleep(procfs);
      Files.delete(removed);
      Path stillThere = Path.of("/proc/" + there.pid() + "/cwd");
      LaunchEnd ended = run(in(sh("ls -a; echo >new || exit 9"), stillThere));
      assertThat(ended.output()).isEmpty();
      assertThat(ended.status().code()).isEqualTo(9);
    }
  }

  /** It was looked at before, see {@link Program#check}: only who removes it meanwhile is here. */
  @Test
  void whereItsDirectoryHasGoneNothingRuns() throws Exception {
    assertNotExecuted(in(writesProof(), directory.resolve("gone")), 127, "sh: command not found");
    assertThat(proof()).doesNotExist();
  }

  @Test
  void whereItsDirectoryCanNotBeEnteredNothingRuns() throws Exception {
    assertNotExecuted(
        in(writesProof(), Files.createFile(directory.resolve("file"))),
        126,
        "sh: not found, a part of its path is no directory");
    assertThat(proof()).doesNotExist();
  }

  // ---- the exec, and why there is none

  private void assertNotExecuted(Request request, int exitCode, String message) throws Exception {
    try (LaunchedCommand command = hold(request)) {
      NotExecutedException e = catchThrowableOfType(NotExecutedException.class, command::release);
      assertThat(e).as("%s", request.argv()).hasMessage(message);
      assertThat(e.exitCode()).isEqualTo(exitCode);
      assertThat(command.held().main().hasEnded()).isTrue();
    }
  }

  private Path program(String name, String text) throws IOException {
    Path program = Files.writeString(directory.resolve(name), text);
    return Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
  }

  @Test
  void aPathWithNothingThere() throws Exception {
    String path = directory + "/nothing";
    assertNotExecuted(words(path), 127, path + ": command not found");
  }

  @Test
  void aFileThatIsNoProgram() throws Exception {
    Path file = Files.writeString(directory.resolve("file"), "#!/bin/sh\n");
    assertNotExecuted(words(file.toString()), 126, file + ": permission denied, or a directory");
  }

  @Test
  void aDirectory() throws Exception {
    assertNotExecuted(
        words(directory.toString()), 126, directory + ": permission denied, or a directory");
  }

  @Test
  void aPathThroughAFile() throws Exception {
    String path = Files.createFile(directory.resolve("file")) + "/program";
    assertNotExecuted(words(path), 126, path + ": not found, a part of its path is no directory");
  }

  @Test
  void aLinkToItself() throws Exception {
    Path loop = directory.resolve("loop");
    Files.createSymbolicLink(loop, loop);
    assertNotExecuted(
        words(loop.toString()), 126, loop + ": can not be executed: " + Errno.text(ELOOP));
  }

  @Test
  void aNameThatIsTooLong() throws Exception {
    String path = directory + "/" + "n".repeat(256);
    assertNotExecuted(
        words(path), 126, path + ": can not be executed: " + Errno.text(Errno.ENAMETOOLONG));
    // The kernel looks at a name only in a directory that there is.
    assertNotFound(withPath(words("n".repeat(256)), "/nowhere"), 126);
  }

  @Test
  void aProgramThatIsBeingWritten() throws Exception {
    Path busy = program("busy", "#!/bin/sh\n");
    int writing = os.open(OsString.of(busy.toString()), DescriptorCalls.Open.WRITE, 0);
    try {
      assertNotExecuted(
          words(busy.toString()), 126, busy + ": can not be executed: " + Errno.text(ETXTBSY));
    } finally {
      os.close(writing);
    }
  }

  @Test
  void anInterpreterThatIsNotThere() throws Exception {
    Path script = program("script", "#!" + directory + "/no-interpreter\n");
    assertNotExecuted(words(script.toString()), 127, script + ": command not found");
  }

  @Test
  void aScriptWithoutInterpreterLineIsToldApartAndTheShells() throws Exception {
    Path script = program("script", "echo \"$0\" \"$1\"\n");
    Request request = words(script.toString(), "one");
    try (LaunchedCommand command = hold(request)) {
      NotExecutedException e = catchThrowableOfType(NotExecutedException.class, command::release);
      assertThat(e.isShellScript()).isTrue();
      assertThat(command.held().asScript()).isFalse();
    }
    try (LaunchedCommand command = LaunchedCommand.holdAsScript(os, launch, request)) {
      assertThat(command.held().asScript()).isTrue();
      assertThat(command.run().output()).isEqualTo(script + " one\n");
    }
    Request byName = withPath(words("script", "one"), directory.toString());
    try (LaunchedCommand command = LaunchedCommand.holdAsScript(os, launch, byName)) {
      assertThat(command.run().output()).as("found by PATH").isEqualTo(script + " one\n");
    }
  }

  // ---- PATH

  private static Request withPath(Request request, String... path) {
    return request.withEnvironment(
        new Environment(Stream.of(path).map(p -> OsString.of("PATH=" + p)).toList()));
  }

  private void assertNotFound(Request request, int exitCode) {
    NotExecutedException e = catchThrowableOfType(NotExecutedException.class, () -> hold(request));
    assertThat(e.exitCode()).isEqualTo(exitCode);
  }

  @Test
  void aNameIsLookedUpInThePathOfTheCommand() throws Exception {
    program("here", "#!/bin/sh\necho found\n");
    assertThat(run(withPath(words("here"), "/nowhere:" + directory)).output()).isEqualTo("found\n");
    assertNotFound(withPath(words("here"), "/nowhere"), 127);
  }

  @ParameterizedTest
  @ValueSource(strings = {"bin", "/nowhere:./bin", "bin:", ":bin"})
  void aRelativePartOfPathIsMeantFromTheDirectory(String path) throws Exception {
    Files.createDirectory(directory.resolve("bin"));
    program("bin/relative", "#!/bin/sh\necho found\n");
    assertThat(run(in(withPath(words("relative"), path), directory)).output()).isEqualTo("found\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ":/nowhere", "/nowhere:"})
  void anEmptyPartOfPathIsTheDirectory(String path) throws Exception {
    program("inside", "#!/bin/sh\necho found\n");
    assertThat(run(in(withPath(words("inside"), path), directory)).output()).isEqualTo("found\n");
  }

  @Test
  void withoutPathTheSystemsProgramsAreFound() throws Exception {
    assertThat(run(withPath(words("true"))).status().code()).isZero();
  }

  @Test
  void whatCanNotBeExecutedIsPassedOverAndOnlySaidWhenNothingElseIsFound() throws Exception {
    Files.writeString(directory.resolve("true"), "no program");
    assertThat(run(withPath(words("true"), directory + ":/bin")).status().code()).isZero();
    assertNotFound(withPath(words("true"), directory.toString()), 126);
    assertNotFound(withPath(words("true"), directory + ":/nowhere"), 126);
  }

  @Test
  void aRelativeProgramIsMeantFromTheDirectory() throws Exception {
    program("relative", "#!/bin/sh\necho found\n");
    assertThat(run(in(words("./relative"), directory)).output()).isEqualTo("found\n");
  }

  @Test
  void anEmptyNameIsNoProgram() {
    assertNotFound(words(""), 127);
  }

  // ---- what else a process inherits

  @Test
  void theMaskForFilesIsThatOfThisProcess() throws Exception {
    String own = run(sh("umask")).output();
    String mask = procfs.text(os.pid(), "status").orElseThrow();
    assertThat(mask).contains("Umask:\t" + own.trim());
  }

  @Test
  void limitsThatWereSetWhileItWasHeldAreThere() throws Exception {
    try (LaunchedCommand command = hold(sh("ulimit -n"))) {
      os.setOpenFiles(command.pid(), new LimitCalls.Limit(77, 77));
      assertThat(command.run().output()).isEqualTo("77\n");
    }
  }

  @Test
  void itLeadsAProcessGroupInThisSession() throws Exception {
    try (LaunchedCommand command = hold(sleep())) {
      assertThat(os.processGroup(command.pid())).isEqualTo(command.pid());
      command.runToSleep(procfs);
      assertThat(os.processGroup(command.pid())).isEqualTo(command.pid());
    }
    String session = run(sh("cut -d' ' -f6 /proc/self/stat")).output();
    String own = procfs.text(os.pid(), "stat").orElseThrow();
    assertThat(own.substring(own.lastIndexOf(')')).split(" ", -1)[4]).isEqualTo(session.trim());
  }

  @Test
  void inTheForegroundItIsInTheGroupOfThisProcess() throws Exception {
    try (LaunchedCommand command = hold(sleep().inForeground())) {
      command.runToSleep(procfs);
      assertThat(os.processGroup(command.pid())).isEqualTo(os.processGroup(0));
    }
  }

  // ---- held, released, abandoned

  private Path proof() {
    return directory.resolve("proof");
  }

  private Request writesProof() {
    return sh(": >'" + proof() + "'");
  }

  @Test
  void whatIsHeldRunsNothingUntilItIsReleased() throws Exception {
    try (LaunchedCommand command = hold(writesProof())) {
      assertThat(command.held().main().hasEnded()).isFalse();
      assertThat(proof()).doesNotExist();
      command.run();
      assertThat(proof()).exists();
    }
  }

  @Test
  void whatIsAbandonedHasGoneAndHasRunNothing() throws Exception {
    try (LaunchedCommand command = hold(writesProof())) {
      command.held().abandon();
      command.held().abandon();
      assertThat(os.hasGone(command.pid())).isTrue();
      assertThatThrownBy(command::release).isInstanceOf(IllegalStateException.class);
      assertThat(proof()).doesNotExist();
    }
  }

  @Test
  void whatWasReleasedIsNotAbandoned() throws Exception {
    try (LaunchedCommand command = hold(sleep())) {
      command.runToSleep(procfs);
      command.held().abandon();
      assertThat(command.held().main().hasEnded()).isFalse();
      assertThatThrownBy(command::release).isInstanceOf(IllegalStateException.class);
      assertThat(command.held().main().hasEnded()).isFalse();
    }
  }

  @Test
  void manyAreHeldAtOnceAndEachIsReleasedAlone() throws Exception {
    List<LaunchedCommand> held = new ArrayList<>();
    try {
      for (int i = 0; i < 10; i++) {
        held.add(hold(sh("echo " + i)));
      }
      for (int i = 9; i >= 0; i--) {
        assertThat(held.get(i).run().output()).isEqualTo(i + "\n");
      }
    } finally {
      for (LaunchedCommand command : held) {
        command.close();
      }
    }
  }

  @Test
  void whoIsKilledWhileHeldHasRunNothingAndEndedByThatSignal() throws Exception {
    try (LaunchedCommand command = hold(writesProof())) {
      os.kill(command.pid(), Signals.KILL);
      assertThat(command.run().status().signal()).isEqualTo(Signals.KILL);
      assertThat(proof()).doesNotExist();
    }
  }

  @Test
  void whoIsStoppedWhileHeldCanBeAbandoned() throws Exception {
    try (LaunchedCommand command = hold(writesProof())) {
      os.kill(command.pid(), Signals.STOP);
      command.held().abandon();
      assertThat(os.hasGone(command.pid())).isTrue();
      assertThat(proof()).doesNotExist();
    }
  }

  @Test
  void aReleaseDoesNotWaitLongerThanItIsToldTo() throws Exception {
    try (LaunchedCommand command = hold(writesProof())) {
      os.kill(command.pid(), Signals.STOP);
      assertThat(command.releaseWithin(Duration.ofMillis(1), new CompletableFuture<>())).isFalse();
      os.kill(command.pid(), Signals.CONT);
      assertThat(command.end().status().code()).as("it was released all the same").isZero();
      assertThat(proof()).exists();
    }
  }

  @Test
  void aReleaseThatIsCancelledDoesNotWait() throws Exception {
    try (LaunchedCommand command = hold(sleep())) {
      os.kill(command.pid(), Signals.STOP);
      assertThat(
              command.releaseWithin(
                  Duration.ofHours(1), CompletableFuture.completedFuture(Optional.empty())))
          .isFalse();
    }
  }
}
