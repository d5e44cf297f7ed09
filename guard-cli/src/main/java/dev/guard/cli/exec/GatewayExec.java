package dev.guard.cli.exec;

import dev.guard.Layer;
import dev.guard.cgroup.StandingUnits;
import dev.guard.cli.shared.ExitCode;
import dev.guard.cli.shared.Installation;
import dev.guard.cli.shared.Invocation;
import dev.guard.cli.shared.Messages;
import dev.guard.command.CommandHandle;
import dev.guard.command.CommandRunner;
import dev.guard.command.NotServedException;
import dev.guard.command.UserStore;
import dev.guard.config.GuardConfig;
import dev.guard.config.Setting;
import dev.guard.gateway.CallHandler;
import dev.guard.gateway.Hello;
import dev.guard.gateway.LongArguments;
import dev.guard.gateway.ShimConnection;
import dev.guard.gateway.ShimRunner;
import dev.guard.launch.Held;
import dev.guard.os.Errno;
import dev.guard.os.Kernel;
import dev.guard.os.OsException;
import dev.guard.os.OsString;
import dev.guard.record.CommandRecord;
import dev.guard.value.CommandOutput;
import dev.guard.value.Environment;
import dev.guard.value.Request;
import dev.guard.value.Result;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;

/**
 * Serves {@code guard exec} of shims in a gateway: what {@link ExecCommand} does for this process,
 * it does for another one. What needs a guard of its own it declines.
 */
public final class GatewayExec implements CallHandler {
  private static final byte[] NOTHING = {};
  private static final List<String> HOMES = List.of("HOME", "XDG_CONFIG_HOME");

  private final Kernel kernel;
  private final UserStore store;
  private final StandingUnits units;
  private final AtomicInteger live = new AtomicInteger();
  private final LongArguments longArguments;
  private final LeftoversOfShims leftovers = new LeftoversOfShims();

  /**
   * Serves with this store, which the shims' callers have, too.
   *
   * @param units have room for commands where there is none beside their shims
   */
  public GatewayExec(Kernel kernel, UserStore store, StandingUnits units) {
    this.kernel = kernel;
    this.store = store;
    this.longArguments = new LongArguments(kernel.procfs());
    this.units = units;
  }

  @Override
  public void serve(ShimConnection shim, Hello hello) throws IOException {
    Optional<LongArguments.Words> words = longArguments.of(shim, hello);
    if (words.isEmpty()) {
      shim.decline("its arguments are too long");
      return;
    }
    boolean starts = false;
    try {
      starts = serve(shim, hello, words.get());
    } finally {
      if (!starts) {
        words.get().close();
      }
    }
  }

  /** Answers whether a command was started, whose result gives the place of its words back. */
  private boolean serve(ShimConnection shim, Hello hello, LongArguments.Words held)
      throws IOException {
    List<OsString> words = held.all();
    if (words.size() < 2 || !words.get(1).equals(OsString.of("exec"))) {
      shim.decline("it is no guard exec");
      return false;
    }
    Invocation invocation =
        new Invocation(
            words.subList(1, words.size()),
            new Environment(hello.variables()),
            List.of(),
            closed(hello),
            hello.ignoredSignals());
    ExecArguments arguments = ExecArguments.parse(words.subList(2, words.size()));
    Optional<String> obstacle = obstacle(hello, invocation, arguments);
    if (obstacle.isPresent()) {
      decline(shim, requires(invocation, arguments), obstacle.get());
      return false;
    }
    if (arguments.has(ExecOption.DETACH) && !hello.hasDetached()) {
      shim.detach();
      return false;
    }
    return run(shim, hello, invocation, arguments, held);
  }

  @Override
  public int live() {
    return live.get();
  }

  @Override
  public void look() {
    leftovers.look();
    units.rest();
  }

  @Override
  public String version() {
    return Installation.version();
  }

  private static Set<Integer> closed(Hello hello) {
    return Set.of(IntStream.range(0, 3).filter(hello::isClosed).boxed().toArray(Integer[]::new));
  }

  /** Says what a guard of its own is needed for. */
  private static Optional<String> obstacle(
      Hello hello, Invocation invocation, ExecArguments arguments) {
    if (arguments.has("--help") || (hello.hasDetached() && !arguments.has(ExecOption.DETACH))) {
      return Optional.of("an option of this call");
    }
    boolean relative =
        HOMES.stream().anyMatch(name -> isRelative(invocation.environment().get(name)))
            || (hello.directory().isEmpty() && namesFiles(invocation, arguments));
    return relative ? Optional.of("a relative path") : Optional.empty();
  }

  /** Tells whether files are named as they are found from the caller's directory. */
  private static boolean namesFiles(Invocation invocation, ExecArguments arguments) {
    return isRelative(invocation.environment().get("GUARD_CONFIG"))
        || isRelative(arguments.value(ExecOption.CONFIG))
        || isRelative(arguments.value(ExecOption.DIRECTORY));
  }

  /** Tells whether flag or variable says so; a file's word is read by the guard that comes then. */
  private static boolean requires(Invocation invocation, ExecArguments arguments) {
    String flag = arguments.flags().get(Setting.GATEWAY);
    String word =
        invocation.environment().get(Setting.GATEWAY.variable()).map(OsString::toString).orElse("");
    return (flag == null ? word : flag).equals("require");
  }

  /** Leaves the call to a guard of its own, or refuses where there must be none, and says why. */
  private static void decline(ShimConnection shim, boolean required, String why)
      throws IOException {
    if (required) {
      String line = "gateway.mode is require, and the gateway does not serve this call: " + why;
      shim.result(ExitCode.GUARD_ERROR, 0, false, false, lines(List.of(line)), NOTHING);
    } else {
      shim.decline(why);
    }
  }

  private static boolean isRelative(Optional<OsString> path) {
    return path.filter(ExecRequestReader.OtherCaller::isRelative).isPresent();
  }

  private boolean run(
      ShimConnection shim,
      Hello hello,
      Invocation invocation,
      ExecArguments arguments,
      LongArguments.Words words)
      throws IOException {
    ExecRequestReader reader =
        new ExecRequestReader(
            kernel.os(),
            invocation,
            arguments,
            Optional.of(
                new ExecRequestReader.OtherCaller(
                    hello.directory(), hello.isTerminal(2), line -> say(shim, List.of(line)))));
    Optional<ExecRequest> asked = reader.read();
    if (asked.isEmpty() && hello.hasCommand()) {
      // It goes on without.
      shim.decline(String.join("; ", reader.problems()));
      return false;
    }
    if (asked.isEmpty()) {
      shim.result(ExitCode.GUARD_ERROR, 0, false, false, lines(reader.problems()), NOTHING);
      return false;
    }
    if (asked.get().config().gateway() == GuardConfig.Gateway.OFF) {
      shim.decline("gateway.mode is off");
      return false;
    }
    List<String> notices = new ArrayList<>(reader.notices());
    CommandRunner runner;
    try {
      int command = words.all().size() - arguments.command().size();
      runner =
          ShimRunner.of(
              kernel, store, shim, hello, asked.get().config(), command, units, notices::add);
    } catch (NotServedException e) {
      boolean required = asked.get().config().gateway() == GuardConfig.Gateway.REQUIRE;
      decline(shim, required, e.getMessage());
      return false;
    }
    if (hello.hasCommand()) {
      return adopt(shim, runner, asked.get(), hello, words);
    }
    say(shim, notices);
    try {
      if (opensReport(shim, arguments)) {
        start(shim, runner, asked.get(), hello, words);
        return true;
      }
      runner.close();
      return false;
    } catch (IOException | RuntimeException | Error e) {
      runner.close();
      throw e;
    }
  }

  /** Has the report's place opened, if there is one; where it can not be, that is the result. */
  private static boolean opensReport(ShimConnection shim, ExecArguments arguments)
      throws IOException {
    Optional<OsString> report = arguments.value(ExecOption.REPORT);
    Optional<String> problem = report.isPresent() ? open(shim, report.get()) : Optional.empty();
    if (problem.isPresent()) {
      shim.result(ExitCode.GUARD_ERROR, 0, false, false, lines(List.of(problem.get())), NOTHING);
    }
    return problem.isEmpty();
  }

  private static Optional<String> open(ShimConnection shim, OsString report) throws IOException {
    if (report.toString().startsWith("fd:") && ReportFile.descriptor(report).isEmpty()) {
      return Optional.of("--report: " + ReportFile.notOpen(report));
    }
    int errno = shim.open(report);
    if (errno == 0) {
      return Optional.empty();
    }
    String why =
        ReportFile.descriptor(report).isPresent()
            ? ReportFile.notOpen(report)
            : ReportFile.notWritable(new OsException("open " + report, errno, Errno.text(errno)));
    return Optional.of("--report: " + why);
  }

  private void start(
      ShimConnection shim,
      CommandRunner runner,
      ExecRequest asked,
      Hello hello,
      LongArguments.Words words)
      throws IOException {
    CompletableFuture<CommandHandle> handle = new CompletableFuture<>();
    AtomicBoolean told = new AtomicBoolean();
    Request request =
        asked
            .request()
            .withOutput(output(hello), output(hello))
            .inheriting(List.of(), hello.ignoredSignals())
            .withBeforeRelease(
                pid -> {
                  // A script is held twice.
                  if (told.compareAndSet(false, true)) {
                    Duration waited = handle.join().waitedForStart();
                    StartWait.told(runner.config(), waited)
                        .ifPresent(line -> say(shim, List.of(line)));
                  }
                });
    // This thread runs it: another one would have to be woken.
    AtomicReference<Runnable> life = new AtomicReference<>();
    CommandHandle started = runner.start(request, life::set);
    handle.complete(started);
    if (hello.hasDetached()) {
      started.released().thenAccept(receipt -> tellId(shim, runner, started, asked, receipt));
    }
    follow(shim, runner, asked, hello, words, started);
    life.get().run();
  }

  /** Takes a command over that runs, and whose gateway has gone. */
  private boolean adopt(
      ShimConnection shim,
      CommandRunner runner,
      ExecRequest asked,
      Hello hello,
      LongArguments.Words words)
      throws IOException {
    Request request = asked.request().withOutput(output(hello), output(hello));
    CommandHandle resumed;
    AtomicReference<Runnable> life = new AtomicReference<>();
    try {
      CommandRecord record = ShimRunner.commandOf(store, shim, runner.config());
      Held main = ShimRunner.mainOf(kernel, shim, record, request);
      resumed = runner.resume(request, record, main, life::set);
    } catch (NotServedException e) {
      shim.decline(e.getMessage());
      return false;
    }
    shim.adopted();
    follow(shim, runner, asked, hello, words, resumed);
    life.get().run();
    return true;
  }

  private void follow(
      ShimConnection shim,
      CommandRunner runner,
      ExecRequest asked,
      Hello hello,
      LongArguments.Words words,
      CommandHandle started) {
    live.incrementAndGet();
    started
        .result()
        .whenComplete(
            (result, failure) -> {
              live.decrementAndGet();
              words.close();
            });
    started
        .result()
        .whenComplete(
            (result, failure) -> tell(shim, runner, asked, !hello.hasDetached(), result, failure));
    boolean inForeground = asked.request().foreground();
    boolean isTold = hello.hasDetached() && hello.hasCommand();
    Optional<Duration> killAfter = asked.killAfterSignal(runner.config());
    if (!shim.tell(new ShimEvents(started, inForeground, isTold, killAfter))) {
      started.kill();
    }
  }

  private static CommandOutput output(Hello hello) {
    return hello.hasDetached() ? new CommandOutput.Log() : new CommandOutput.Inherit();
  }

  /**
   * Has the caller of a detached command told its id; where that can not be, nobody could stop it.
   */
  private static void tellId(
      ShimConnection shim,
      CommandRunner runner,
      CommandHandle command,
      ExecRequest asked,
      List<Layer> receipt) {
    try {
      say(shim, ExecOutcome.degraded(receipt, asked.effective()));
      shim.tell(command.id(), runner.logFile().orElseThrow());
    } catch (IOException e) {
      command.cancel();
    }
  }

  private void tell(
      ShimConnection shim,
      CommandRunner runner,
      ExecRequest asked,
      boolean hasCaller,
      Result result,
      Throwable failure) {
    try {
      if (failure != null) {
        byte[] line = lines(List.of("guard failed: " + Messages.of(failure)));
        shim.result(ExitCode.GUARD_ERROR, 0, false, false, line, NOTHING);
        return;
      }
      ExecOutcome outcome = new ExecOutcome(Kernel.system().os(), result, asked);
      boolean reports = asked.arguments().has(ExecOption.REPORT);
      shim.result(
          outcome.status(),
          outcome.signal(),
          outcome.wasEnded(),
          result.leftoversKept() > 0,
          lines(outcome.lines(hasCaller)),
          reports ? outcome.reportBytes() : NOTHING);
    } catch (IOException e) {
      // The shim has gone, and with it whoever could be told; the history has the command.
      return;
    } finally {
      leftovers.closeWithoutAny(runner);
    }
  }

  private static void say(ShimConnection shim, List<String> lines) {
    if (lines.isEmpty()) {
      return;
    }
    try {
      shim.say(lines(lines));
    } catch (IOException e) {
      // The shim has gone: its command is ended for that.
      return;
    }
  }

  private static byte[] lines(List<String> lines) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    lines.forEach(line -> bytes.writeBytes(Messages.bytes(line)));
    return bytes.toByteArray();
  }
}
