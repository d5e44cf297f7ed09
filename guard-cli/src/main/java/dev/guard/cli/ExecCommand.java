package dev.guard.cli;

import dev.guard.ExitStatus;
import dev.guard.Layer;
import dev.guard.Outcome;
import dev.guard.command.CommandHandle;
import dev.guard.command.CommandRunner;
import dev.guard.config.ConfigException;
import dev.guard.config.ConfigLoader;
import dev.guard.config.Durations;
import dev.guard.config.Effective;
import dev.guard.config.GuardConfig;
import dev.guard.config.Setting;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.OsString;
import dev.guard.os.Signals;
import dev.guard.report.ReportWriter;
import dev.guard.value.CommandInput;
import dev.guard.value.CommandOutput;
import dev.guard.value.Queueing;
import dev.guard.value.Request;
import dev.guard.value.Result;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;

/** {@code guard exec}. This path is run for every command, so it loads no more than it needs. */
final class ExecCommand {
  private static final Duration LONG_WAIT = Duration.ofSeconds(1);

  private final Os os;
  private final Invocation invocation;
  private final Witness witness;
  private final List<String> problems = new ArrayList<>();
  private SignalLoop signalLoop;
  private volatile boolean hasRun;
  private boolean toldOfWait;

  private ExecCommand(Os os, Invocation invocation, Witness witness) {
    this.os = os;
    this.invocation = invocation;
    this.witness = witness;
  }

  /** Somebody who is to know what comes of it, beside the caller. */
  interface Witness {
    /** Nobody. */
    Witness NONE =
        new Witness() {
          @Override
          public boolean released(String id) {
            return true;
          }

          @Override
          public void notRun(int exitCode, List<String> messages) {}

          @Override
          public boolean endsItAtHangup() {
            return false;
          }

          @Override
          public void ended() {}
        };

    /** The command has exec'd. False: it should not go on, since nobody would know of it. */
    boolean released(String id);

    /** It does not come to that. */
    void notRun(int exitCode, List<String> messages);

    /** Whether the command is to end, and not only to be told, when its terminal goes away. */
    boolean endsItAtHangup();

    /** All is over but the exit of guard. */
    void ended();
  }

  /**
   * Runs and answers the exit status; if a signal ended the command, this process may die of it
   * here.
   */
  static int run(Os os, Invocation invocation) throws IOException {
    return run(os, invocation, Witness.NONE);
  }

  /** The same, with somebody who is told what comes of it. */
  static int run(Os os, Invocation invocation, Witness witness) throws IOException {
    return new ExecCommand(os, invocation, witness).run();
  }

  private int run() throws IOException {
    ExecArguments arguments =
        ExecArguments.parse(invocation.arguments().subList(1, invocation.arguments().size()));
    if (arguments.has("--help")) {
      System.out.print(ExecOption.usage());
      System.out.flush();
      return 0;
    }
    problems.addAll(arguments.problems());
    arguments.value(ExecOption.NAME).ifPresent(this::checkName);
    if (arguments.has(ExecOption.DETACH)) {
      refuseWithDetach(arguments);
    }
    if (Detacher.isDetached()) {
      Detacher.sayStarted();
    }
    Optional<OsString> directory = directory(arguments);
    Optional<Effective> effective = effective(arguments, directory);
    effective.ifPresent(this::refuseGateway);
    effective.ifPresent(this::tellNotTaken);
    Optional<Queueing> queueing = queueing(arguments, effective);
    int timeoutSignal = timeoutSignal(arguments);
    boolean hands = arguments.has(ExecOption.DETACH) && !Detacher.isDetached();
    Optional<Report> report = problems.isEmpty() && !hands ? report(arguments) : Optional.empty();
    if (!problems.isEmpty()) {
      problems.forEach(Messages::print);
      witness.notRun(ExitCode.GUARD_ERROR, problems);
      return ExitCode.GUARD_ERROR;
    }
    if (hands) {
      return new Detacher(os, isTerminal(2), invocation.ignoredSignals()).start();
    }
    Request request = request(arguments, queueing).withTimeoutSignal(timeoutSignal);
    Result result =
        Detacher.isDetached()
            ? executeDetached(arguments, request, effective.get())
            : execute(arguments, request, effective.get().config());
    int code = tell(result, effective.get(), arguments, report);
    if (!hasRun) {
      witness.notRun(code, result.outcome().messages());
    }
    witness.ended();
    dieOfSignal(result);
    return code;
  }

  // ---- before

  private Optional<OsString> directory(ExecArguments arguments) {
    Optional<OsString> wanted = arguments.value("--directory");
    try {
      if (wanted.isPresent()) {
        return Optional.of(os.realPath(wanted.get()));
      }
    } catch (OsException e) {
      problems.add("--directory: " + e.getMessage() + "; name a directory that exists");
      return Optional.empty();
    }
    try {
      return Optional.of(os.workingDirectory());
    } catch (OsException e) {
      // The working directory was removed: no project's file can be at or above it.
      return Optional.empty();
    }
  }

  private Optional<Effective> effective(ExecArguments arguments, Optional<OsString> directory) {
    try {
      return Optional.of(
          ConfigLoader.load(
              os,
              new ConfigLoader.Inputs(
                  invocation.environment(),
                  directory,
                  arguments.value("--config"),
                  arguments.flags())));
    } catch (ConfigException e) {
      problems.addAll(e.problems());
      return Optional.empty();
    }
  }

  /** Who called the first guard of a detached command or a session was told by that one. */
  private void tellNotTaken(Effective effective) {
    if (witness == Witness.NONE && !Detacher.isDetached()) {
      effective.notices().forEach(Messages::print);
    }
  }

  private void refuseGateway(Effective effective) {
    if (effective.config().gateway() == GuardConfig.Gateway.REQUIRE) {
      problems.add(
          effective.entry(Setting.GATEWAY).where()
              + ": gateway.mode: there is no gateway yet that could be required; set auto or off");
    }
  }

  private int timeoutSignal(ExecArguments arguments) {
    String text = arguments.value(ExecOption.SIGNAL).map(OsString::toString).orElse("TERM");
    OptionalInt signal = text.equals("TERM") ? OptionalInt.of(Signals.TERM) : SignalNames.of(text);
    if (signal.isEmpty()) {
      problems.add(
          ExecOption.SIGNAL
              + ": "
              + text
              + " is no signal; write a name as of kill -l, or a number from 1 to "
              + Signals.LAST);
    }
    return signal.orElse(Signals.TERM);
  }

  private Optional<Queueing> queueing(ExecArguments arguments, Optional<Effective> effective) {
    Optional<OsString> value = arguments.value(ExecOption.WAIT);
    if (value.isEmpty() || effective.isEmpty()) {
      return Optional.empty();
    }
    String text = value.get().toString();
    Optional<Duration> most =
        text.isEmpty()
            ? Optional.of(Duration.ofSeconds(Integer.MAX_VALUE))
            : Durations.seconds(text);
    if (most.isEmpty()) {
      problems.add(
          ExecOption.WAIT + ": " + text + " is no number of seconds; write e.g. --wait=30");
      return Optional.empty();
    }
    String budget = effective.get().config().budget();
    boolean tell = isTerminal(2) || Detacher.hasTerminal();
    return Optional.of(
        new Queueing(
            most.get(),
            position -> {
              if (tell) {
                Messages.print("waiting for a place in budget " + budget + ", number " + position);
              }
            }));
  }

  private boolean isTerminal(int descriptor) {
    try {
      os.terminalModes(descriptor);
      return true;
    } catch (OsException e) {
      return false;
    }
  }

  private Optional<Report> report(ExecArguments arguments) {
    try {
      Optional<OsString> to = arguments.value("--report");
      return to.isEmpty()
          ? Optional.empty()
          : Optional.of(Report.open(os, to.get(), invocation.descriptors()));
    } catch (IOException e) {
      problems.add("--report: " + e.getMessage());
      return Optional.empty();
    }
  }

  private void checkName(OsString name) {
    try {
      Request.of("true").withName(name.toString());
    } catch (IllegalArgumentException e) {
      problems.add("--" + e.getMessage());
    }
  }

  /** What a command without a terminal and a caller can not have. */
  private void refuseWithDetach(ExecArguments arguments) {
    if (arguments.has(ExecOption.VERBOSE)) {
      problems.add("--verbose: a detached command has nobody to tell; use --report or guard ps");
    }
    if (arguments.has(ExecOption.FOREGROUND)) {
      problems.add(
          "--foreground: a detached command has no caller in whose group it could be; leave it out");
    }
    if (arguments.has("--preserve-status")) {
      problems.add(
          "--preserve-status: guard wait exits as a detached command did, 124 at its timeout; leave it out");
    }
    if (arguments.value("--report").flatMap(Report::descriptor).isPresent()) {
      problems.add("--report: a detached command keeps no descriptor open; name a file");
    }
  }

  // ---- the command

  private Result execute(ExecArguments arguments, Request basic, GuardConfig config)
      throws IOException {
    List<Integer> passed = new ArrayList<>(invocation.descriptors());
    arguments.value("--report").flatMap(Report::descriptor).ifPresent(passed::remove);
    Request request =
        basic
            .withInput(
                invocation.closed().contains(0)
                    ? new CommandInput.Closed()
                    : new CommandInput.Inherit())
            .withOutput(output(1), output(2))
            .inheriting(passed, invocation.ignoredSignals());
    OptionalInt signals = install(request);
    try (CommandRunner guard = CommandRunner.forParent(config)) {
      return run(
          guard,
          request,
          killAfterSignal(arguments, guard.config()),
          signals,
          command ->
              command
                  .released()
                  .thenAccept(
                      receipt -> {
                        hasRun = true;
                        if (!witness.released(command.id())) {
                          command.cancel();
                        }
                      }));
    }
  }

  private Result executeDetached(ExecArguments arguments, Request basic, Effective effective)
      throws IOException {
    Request request =
        basic
            .withInput(new CommandInput.Empty())
            .withOutput(new CommandOutput.Log(), new CommandOutput.Log())
            .inheriting(List.of(), invocation.ignoredSignals());
    OptionalInt signals = install(request);
    try (CommandRunner guard = CommandRunner.forDetached(effective.config())) {
      return run(
          guard,
          request,
          killAfterSignal(arguments, guard.config()),
          signals,
          command -> {
            Detacher.follow(os, command);
            command
                .released()
                .thenAccept(
                    receipt -> {
                      warnOfDegraded(receipt, effective);
                      Detacher.tellId(command);
                    });
          });
    }
  }

  private Result run(
      CommandRunner guard,
      Request request,
      Optional<Duration> killAfterSignal,
      OptionalInt signals,
      Consumer<CommandHandle> whenStarted)
      throws IOException {
    // In the foreground the terminal is the command's and Guard's alike, as it is.
    Optional<Terminal> terminal = request.foreground() ? Optional.empty() : Terminal.open(os);
    CompletableFuture<SignalLoop> loop = new CompletableFuture<>();
    try {
      CommandHandle command =
          guard.start(request.withBeforeRelease(pid -> beforeRelease(guard, loop.join(), pid)));
      whenStarted.accept(command);
      SignalLoop.Endings endings =
          new SignalLoop.Endings(witness.endsItAtHangup(), killAfterSignal, request.foreground());
      loop.complete(new SignalLoop(os, signals, terminal, command, endings));
      signalLoop = loop.join();
      return signalLoop.untilDone();
    } catch (CompletionException e) {
      throw new IOException(e.getCause());
    }
  }

  private OptionalInt install(Request request) throws OsException {
    return SignalLoop.install(os, invocation.ignoredSignals(), request.foreground());
  }

  /** As timeout(1): only who has said so wants the command killed that long after a signal. */
  private static Optional<Duration> killAfterSignal(ExecArguments arguments, GuardConfig config) {
    boolean byHand = arguments.flags().containsKey(Setting.KILL_AFTER);
    return byHand && !config.killAfter().isZero()
        ? Optional.of(config.killAfter())
        : Optional.empty();
  }

  private void beforeRelease(CommandRunner guard, SignalLoop loop, int pid) {
    loop.held(pid);
    if (!toldOfWait) {
      toldOfWait = true;
      tellOfWait(guard.config(), loop.waitedForStart());
    }
  }

  /** Before the command says anything itself. */
  private static void tellOfWait(GuardConfig config, Duration waited) {
    boolean tell =
        switch (config.messages()) {
          case QUIET -> false;
          case OUTCOME -> waited.compareTo(LONG_WAIT) > 0;
          case ALL -> !waited.isZero();
        };
    if (tell) {
      Messages.print(
          "the start had to wait "
              + waited.toMillis() / 1000.0
              + " s for the rate limit of "
              + config.rateLimitPerSecond().orElseThrow()
              + " a second in budget "
              + config.budget()
              + config.sources().of(Setting.RATE_LIMIT));
    }
  }

  private Request request(ExecArguments arguments, Optional<Queueing> queueing) {
    Request request = Request.of(arguments.command()).withEnvironment(invocation.environment());
    request = queueing.map(request::queueing).orElse(request);
    request = arguments.has(ExecOption.FOREGROUND) ? request.inForeground() : request;
    request =
        arguments
            .value(ExecOption.NAME)
            .map(OsString::toString)
            .map(request::withName)
            .orElse(request);
    return arguments.value("--directory").map(request::withDirectory).orElse(request);
  }

  private CommandOutput output(int descriptor) {
    boolean closed = invocation.closed().contains(descriptor);
    return closed ? new CommandOutput.Closed() : new CommandOutput.Inherit();
  }

  // ---- after

  private int tell(
      Result result, Effective effective, ExecArguments arguments, Optional<Report> report) {
    result.outcome().messages().forEach(Messages::print);
    if (!Detacher.isDetached()) {
      warnOfDegraded(result.layers(), effective);
    }
    if (effective.config().messages() == GuardConfig.Messages.ALL && !Detacher.isDetached()) {
      Receipt.lines(result).forEach(Messages::print);
    }
    if (report.isPresent()) {
      try {
        report.get().write(ReportWriter.toJson(result).getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        Messages.print("--report: " + arguments.value("--report").get() + ": " + e.getMessage());
        return ExitCode.GUARD_ERROR;
      }
    }
    return preservedStatus(result, arguments).orElse(result.exitCode());
  }

  private static Optional<Integer> preservedStatus(Result result, ExecArguments arguments) {
    boolean preserve = arguments.has("--preserve-status") && result.survivors().isEmpty();
    return preserve && result.outcome() instanceof Outcome.Ran ran
        ? ran.status().map(ExitStatus::shellStatus)
        : Optional.empty();
  }

  /**
   * Says which limits are not in force: those that somebody asked for, and those that this host
   * gives at other times.
   */
  static void warnOfDegraded(List<Layer> receipt, Effective effective) {
    for (Layer layer : receipt) {
      if (layer.state() == Layer.State.DEGRADED && (layer.lost() || isAsked(layer, effective))) {
        Messages.print(
            layer.name().text()
                + " limit "
                + layer.limit()
                + " is not in force: "
                + layer.detail());
      }
    }
  }

  private static boolean isAsked(Layer layer, Effective effective) {
    return effective.entries().stream()
        .anyMatch(
            e ->
                !e.where().startsWith("built-in")
                    && e.setting().layer().filter(layer.name()::equals).isPresent());
  }

  /** As timeout(1) does, so that a shell's loop stops on Ctrl-C. */
  private void dieOfSignal(Result result) throws IOException {
    int signal = 0;
    if (result.outcome() instanceof Outcome.Ran ran
        && ran.status().isPresent()
        && !ran.cause().isTimeOver()) {
      signal = ran.status().get().signal();
    } else if (result.outcome() instanceof Outcome.CancelledUnrun cancelled) {
      signal = cancelled.signal();
    }
    if (signal == 0) {
      signal = signalLoop.late();
    }
    if (signal == 0 || !result.survivors().isEmpty()) {
      return;
    }
    os.disableCoreDumps();
    if (signal != Signals.KILL && signal != Signals.STOP && !isReservedByC(signal)) {
      os.setSignal(signal, Os.Disposition.DEFAULT);
      os.kill(signalLoop.wasTyped(signal) ? -os.processGroup(0) : os.pid(), signal);
      // Another thread may take it; if it is blocked everywhere, the exit status says it.
      os.poll(new int[0], 1000);
    } else if (signal == Signals.KILL) {
      os.kill(os.pid(), signal);
    }
  }

  private static boolean isReservedByC(int signal) {
    return signal == 32 || signal == 33;
  }
}
