package dev.guard.cli.exec;

import dev.guard.cli.shared.Invocation;
import dev.guard.cli.shared.RelativePaths;
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
import dev.guard.value.Environment;
import dev.guard.value.Queueing;
import dev.guard.value.Request;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/** Makes a request out of arguments and settings, and names everything that is wrong in them. */
final class ExecRequestReader {
  /**
   * A caller that is another process than this one, which a server serves.
   *
   * @param byGateway whether that is the gateway of the user, and not one for this caller alone
   * @param directory where it works; empty: that was removed
   * @param onTerminal whether its standard error is a terminal
   * @param teller writes a line there
   */
  record OtherCaller(
      boolean byGateway,
      Optional<OsString> directory,
      boolean onTerminal,
      Consumer<String> teller) {
    /** Names a file as this process finds it: a gateway is in another directory. */
    OsString find(OsString path) {
      if (!byGateway || directory.isEmpty() || !RelativePaths.is(path)) {
        return path;
      }
      boolean isRoot = directory.get().length() == 1;
      return (isRoot ? directory.get() : directory.get().concat(OsString.of("/"))).concat(path);
    }
  }

  private static final String CONFIG = "GUARD_CONFIG";

  private final Os os;
  private final Invocation invocation;
  private final ExecArguments arguments;
  private final OtherCaller caller;
  private final List<String> problems = new ArrayList<>();
  private List<String> notices = List.of();
  private boolean broken;

  ExecRequestReader(Os os, Invocation invocation, ExecArguments arguments, OtherCaller caller) {
    this.os = os;
    this.invocation = invocation;
    this.arguments = arguments;
    this.caller = caller;
  }

  /** Answers the request; empty where there are {@link #problems}. */
  Optional<ExecRequest> read() {
    problems.addAll(arguments.problems());
    arguments.value(ExecOption.NAME).ifPresent(this::checkName);
    if (arguments.has(ExecOption.DETACH)) {
      refuseWithDetach();
    }
    Optional<Effective> effective = effective(directory());
    if (arguments.value(ExecOption.WINDOW).isPresent()) {
      effective = effective.map(Effective::ofSession);
    }
    if (arguments.has(ExecOption.DETACH) || arguments.has(ExecOption.WINDOW)) {
      effective = effective.map(Effective::withoutReserve);
    }
    effective.ifPresent(this::refuseGateway);
    effective.ifPresent(e -> notices = e.notices());
    Optional<Queueing> queueing = queueing(effective);
    int timeoutSignal = timeoutSignal();
    return problems.isEmpty()
        ? Optional.of(
            new ExecRequest(
                arguments,
                effective.orElseThrow(),
                request(queueing).withTimeoutSignal(timeoutSignal)))
        : Optional.empty();
  }

  /** Answers one line for each thing that is wrong; where there is one, nothing may run. */
  List<String> problems() {
    return problems;
  }

  /** Tells whether the settings can not be used, which nobody has meant as a refusal. */
  boolean isUnavailable() {
    return broken;
  }

  /** Answers one line for each value of a project's settings that was not taken. */
  List<String> notices() {
    return notices;
  }

  private Optional<OsString> directory() {
    Optional<OsString> wanted = arguments.value(ExecOption.DIRECTORY);
    try {
      if (wanted.isPresent()) {
        return Optional.of(os.realPath(caller.find(wanted.get())));
      }
    } catch (OsException e) {
      problems.add("--directory: " + e.getMessage() + "; name a directory that exists");
      return Optional.empty();
    }
    return caller.directory();
  }

  private Environment environment() {
    Environment all = invocation.environment();
    Optional<OsString> file = all.get(CONFIG);
    return file.isPresent() ? all.with(CONFIG, caller.find(file.get())) : all;
  }

  private Optional<Effective> effective(Optional<OsString> directory) {
    try {
      return Optional.of(
          ConfigLoader.load(
              os,
              new ConfigLoader.Inputs(
                  environment(),
                  directory,
                  arguments.value(ExecOption.CONFIG).map(caller::find),
                  arguments.flags())));
    } catch (ConfigException e) {
      problems.addAll(e.problems());
      broken = !e.isForbidden();
      return Optional.empty();
    }
  }

  private Request request(Optional<Queueing> queueing) {
    Request request = Request.of(arguments.command()).withEnvironment(invocation.environment());
    request = queueing.map(request::queueing).orElse(request);
    request = arguments.has(ExecOption.FOREGROUND) ? request.inForeground() : request;
    request =
        arguments
            .value(ExecOption.NAME)
            .map(OsString::toString)
            .map(request::withName)
            .orElse(request);
    return arguments.value(ExecOption.DIRECTORY).map(request::withDirectory).orElse(request);
  }

  private Optional<Queueing> queueing(Optional<Effective> effective) {
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
    return Optional.of(
        new Queueing(
            most.get(),
            position -> {
              if (caller.onTerminal()) {
                caller
                    .teller()
                    .accept("waiting for a place in budget " + budget + ", number " + position);
              }
            }));
  }

  private int timeoutSignal() {
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

  private void refuseGateway(Effective effective) {
    if (effective.config().gateway() == GuardConfig.Gateway.REQUIRE && !caller.byGateway()) {
      problems.add(
          effective.entry(Setting.GATEWAY).where()
              + ": gateway.mode: no gateway serves this call; start one by guard gateway run, or set"
              + " auto or off");
    }
  }

  private void checkName(OsString name) {
    try {
      Request.of("true").withName(name.toString());
    } catch (IllegalArgumentException e) {
      problems.add("--" + e.getMessage());
    }
  }

  /** Refuses options that a command without a terminal and a caller can not have. */
  private void refuseWithDetach() {
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
    if (arguments.value(ExecOption.REPORT).flatMap(ReportFile::descriptor).isPresent()) {
      problems.add("--report: a detached command keeps no descriptor open; name a file");
    }
  }
}
