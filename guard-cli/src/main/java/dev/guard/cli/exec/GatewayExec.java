package dev.guard.cli.exec;

import dev.guard.cgroup.StandingUnits;
import dev.guard.cli.shared.ExitCode;
import dev.guard.cli.shared.Installation;
import dev.guard.cli.shared.Invocation;
import dev.guard.cli.shared.Messages;
import dev.guard.cli.shared.Output;
import dev.guard.cli.shared.RelativePaths;
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
import dev.guard.gateway.StartBeside;
import dev.guard.os.Errno;
import dev.guard.os.Kernel;
import dev.guard.os.OsException;
import dev.guard.os.OsString;
import dev.guard.value.Environment;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Serves {@code guard exec} of shims, in the gateway of a user, or in a server that one shim has
 * started for itself: that one has all that its shim has, and so declines next to nothing.
 */
public final class GatewayExec implements CallHandler {
  private static final byte[] NOTHING = {};
  private static final List<String> HOMES = List.of("HOME", "XDG_CONFIG_HOME");

  private final ShimCommand.Serving serving;
  // Empty in a server for one shim.
  private final Optional<StandingUnits> units;
  private final LongArguments longArguments;

  private GatewayExec(
      Kernel kernel, UserStore store, LongArguments longArguments, Optional<StandingUnits> units) {
    this.serving =
        new ShimCommand.Serving(kernel, store, new AtomicInteger(), new LeftoversOfShims());
    this.longArguments = longArguments;
    this.units = units;
  }

  /**
   * Serves with this store, which the shims' callers have, too.
   *
   * @param units have room for commands where there is none beside their shims
   */
  public static GatewayExec forAll(Kernel kernel, UserStore store, StandingUnits units) {
    return new GatewayExec(
        kernel, store, LongArguments.bounded(kernel.procfs()), Optional.of(units));
  }

  /** Serves one shim, in the place that the shim has. */
  public static GatewayExec forOne(Kernel kernel, UserStore store) {
    return new GatewayExec(
        kernel, store, LongArguments.unbounded(kernel.procfs()), Optional.empty());
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
            hello.ignoredSignals());
    ExecArguments arguments = ExecArguments.parse(words.subList(2, words.size()));
    if (arguments.has("--help")) {
      help(shim, hello);
      return false;
    }
    Optional<String> obstacle = obstacle(hello, arguments);
    if (obstacle.isEmpty() && !isPrivate()) {
      obstacle = relativePath(hello, invocation, arguments);
    }
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
    return serving.live().get() + (isPrivate() ? serving.leftovers().needed() : 0);
  }

  @Override
  public void look() {
    serving.leftovers().look();
    units.ifPresent(StandingUnits::rest);
  }

  @Override
  public String version() {
    return Installation.version();
  }

  /** Says what a guard of its own is needed for. */
  private static Optional<String> obstacle(Hello hello, ExecArguments arguments) {
    return hello.hasDetached() && !arguments.has(ExecOption.DETACH)
        ? Optional.of("an option of this call")
        : Optional.empty();
  }

  private static void help(ShimConnection shim, Hello hello) throws IOException {
    Output output = ShimOutput.of(shim);
    output.print(ExecHelp.exec());
    Output.End end = output.end(0, hello.ignoredSignals());
    shim.result(end.status(), end.signal(), false, false, NOTHING, NOTHING);
  }

  private boolean isPrivate() {
    return units.isEmpty();
  }

  private static Optional<String> relativePath(
      Hello hello, Invocation invocation, ExecArguments arguments) {
    boolean relative =
        HOMES.stream().anyMatch(name -> RelativePaths.is(invocation.environment().get(name)))
            || (hello.directory().isEmpty() && namesFiles(invocation, arguments));
    return relative ? Optional.of("a relative path") : Optional.empty();
  }

  /** Tells whether files are named as they are found from the caller's directory. */
  private static boolean namesFiles(Invocation invocation, ExecArguments arguments) {
    return RelativePaths.is(invocation.environment().get("GUARD_CONFIG"))
        || RelativePaths.is(arguments.value(ExecOption.CONFIG))
        || RelativePaths.is(arguments.value(ExecOption.DIRECTORY));
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
      shim.result(ExitCode.GUARD_ERROR, 0, false, false, ShimLines.bytes(List.of(line)), NOTHING);
    } else {
      shim.decline(why);
    }
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
            serving.kernel().os(),
            invocation,
            arguments,
            new ExecRequestReader.OtherCaller(
                !isPrivate(),
                hello.directory(),
                hello.isTerminal(2),
                line -> ShimLines.say(shim, List.of(line))));
    Optional<SessionWindow> window = SessionWindow.of(serving.kernel(), arguments);
    Optional<ExecRequest> asked = reader.read();
    if (asked.isEmpty() && !hello.hasCommand()) {
      window.ifPresent(w -> w.notRun(ExitCode.GUARD_ERROR, reader.problems()));
    }
    if (asked.isEmpty() && hello.hasCommand()) {
      // It goes on without.
      shim.decline(String.join("; ", reader.problems()));
      return false;
    }
    if (asked.isEmpty()) {
      refuse(shim, reader);
      return false;
    }
    if (!isPrivate() && asked.get().config().gateway() == GuardConfig.Gateway.OFF) {
      shim.decline("gateway.mode is off");
      return false;
    }
    // The starter of a session was told of these.
    List<String> notices = new ArrayList<>(window.isPresent() ? List.of() : reader.notices());
    CommandRunner runner;
    try {
      int program = words.all().size() - arguments.command().size();
      runner =
          ShimRunner.of(
              serving.kernel(),
              serving.store(),
              shim,
              hello,
              asked.get().config(),
              program,
              units,
              notices::add);
    } catch (NotServedException e) {
      boolean required = asked.get().config().gateway() == GuardConfig.Gateway.REQUIRE;
      decline(shim, required, e.getMessage());
      return false;
    } catch (IOException | RuntimeException | Error e) {
      if (isPrivate()) {
        window.ifPresent(w -> w.notRun(ExitCode.GUARD_ERROR, List.of(Messages.of(e))));
      }
      throw e;
    }
    Optional<StartBeside> gateway =
        window.isPresent() ? Optional.empty() : gatewayBeside(hello, asked.get(), shim);
    ShimCommand command =
        new ShimCommand(serving, shim, hello, runner, asked.get(), words, gateway, window);
    boolean begins = false;
    try {
      begins = hello.hasCommand() ? adopts(command) : starts(command, notices);
      return begins;
    } finally {
      if (!begins) {
        runner.close();
      }
    }
  }

  private static void refuse(ShimConnection shim, ExecRequestReader reader) throws IOException {
    byte[] lines = ShimLines.bytes(reader.problems());
    if (reader.isUnavailable()) {
      shim.unavailable(ExitCode.GUARD_ERROR, lines);
    } else {
      shim.result(ExitCode.GUARD_ERROR, 0, false, false, lines, NOTHING);
    }
  }

  /** Prepares the start of a gateway, before the shim becomes the process that orphans come to. */
  private Optional<StartBeside> gatewayBeside(Hello hello, ExecRequest asked, ShimConnection shim)
      throws IOException {
    boolean wanted =
        isPrivate() && !hello.hasDetached() && asked.config().gateway() == GuardConfig.Gateway.AUTO;
    return wanted
        ? StartBeside.prepare(
            serving.kernel(),
            Set.of(serving.kernel().os().pid(), shim.process().pid()),
            Installation.folder(),
            System.getenv())
        : Optional.empty();
  }

  private static boolean adopts(ShimCommand command) throws IOException {
    try {
      command.adopt();
      return true;
    } catch (NotServedException e) {
      command.shim().decline(e.getMessage());
      return false;
    }
  }

  private static boolean starts(ShimCommand command, List<String> notices) throws IOException {
    ShimLines.say(command.shim(), notices);
    if (!opensReport(command.shim(), command.asked().arguments())) {
      return false;
    }
    command.start();
    return true;
  }

  /** Has the report's place opened, if there is one; where it can not be, that is the result. */
  private static boolean opensReport(ShimConnection shim, ExecArguments arguments)
      throws IOException {
    Optional<OsString> report = arguments.value(ExecOption.REPORT);
    Optional<String> problem = report.isPresent() ? open(shim, report.get()) : Optional.empty();
    if (problem.isPresent()) {
      shim.result(
          ExitCode.GUARD_ERROR, 0, false, false, ShimLines.bytes(List.of(problem.get())), NOTHING);
    }
    return problem.isEmpty();
  }

  private static Optional<String> open(ShimConnection shim, OsString report) throws IOException {
    if (ReportFile.isDescriptor(report) && ReportFile.descriptor(report).isEmpty()) {
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
}
