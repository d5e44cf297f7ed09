package dev.guard.cli.gateway;

import com.google.gson.stream.JsonWriter;
import dev.guard.cli.shared.Settings;
import dev.guard.gateway.GatewayAnswer;
import dev.guard.gateway.GatewayLog;
import dev.guard.gateway.GatewaySocket;
import dev.guard.gateway.GatewayUnits;
import dev.guard.os.Kernel;
import dev.guard.os.OsString;
import dev.guard.os.Procfs;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code guard gateway status}. */
@Command(
    name = "status",
    description = "Says whether one runs, and how; the exit status is 1 when none does.",
    mixinStandardHelpOptions = true)
public final class GatewayStatus implements Callable<Integer> {
  private static final long MILLIS_OF_TICK = 10;

  private final Settings settings;
  private final Kernel kernel;

  @Option(names = "--json", description = "As one JSON object.")
  private boolean json;

  private Optional<String> socketUnit = Optional.empty();
  private boolean waiting;

  /** Shows it with the settings that are in force where it was called. */
  public GatewayStatus(Settings settings) {
    this.settings = settings;
    this.kernel = settings.kernel();
  }

  @Override
  public Integer call() throws IOException {
    GatewaySocket socket = GatewaySocket.ofUser(kernel);
    GatewayUnits units = GatewayUnits.of(kernel, System.getProperty("user.home"));
    socketUnit =
        units.areInstalled()
            ? Optional.of(GatewayUnits.SOCKET + ", " + units.state())
            : Optional.empty();
    // Whoever connects there would start one.
    waiting = units.isWaiting();
    Optional<GatewayAnswer> answer = waiting ? Optional.empty() : socket.ask();
    String text = json ? toJson(socket, answer) : toText(socket, answer);
    System.out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    return answer.isPresent() ? 0 : 1;
  }

  private String mode() {
    return settings.orBuiltIn().gateway().name().toLowerCase(Locale.ROOT);
  }

  private String toText(GatewaySocket socket, Optional<GatewayAnswer> answer) throws IOException {
    if (answer.isEmpty()) {
      return (waiting ? "no gateway runs; the next call starts one, at " : "no gateway listens at ")
          + socket.path()
          + "\nsocket unit: "
          + socketUnit.orElse("none")
          + "\nmode: "
          + mode()
          + "\n";
    }
    int pid = answer.get().pid();
    Optional<GatewayAnswer.State> state = answer.get().told();
    return String.join(
            "\n",
            "process " + pid + " listens at " + socket.path(),
            "since: " + since(pid).map(Instant::toString).orElse("unknown"),
            "version: "
                + state.map(GatewayAnswer.State::version).orElse("unknown: it does not answer")
                + ", protocol "
                + GatewaySocket.PROTOCOL,
            "live commands: " + state.map(s -> "" + s.commands()).orElse("unknown"),
            "log: " + log(pid).orElse("its standard error"),
            "unit: " + unit(pid).orElse("none"),
            "socket unit: " + socketUnit.orElse("none"),
            "mode: " + mode())
        + "\n";
  }

  private String toJson(GatewaySocket socket, Optional<GatewayAnswer> answer) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonWriter out = new JsonWriter(text)) {
      out.setIndent("  ");
      out.setHtmlSafe(false);
      out.setSerializeNulls(true);
      out.beginObject();
      out.name("running").value(answer.isPresent());
      out.name("socket").value(socket.path().toString());
      out.name("protocol").value(GatewaySocket.PROTOCOL);
      out.name("mode").value(mode());
      out.name("socket_unit").value(socketUnit.orElse(null));
      if (answer.isPresent()) {
        int pid = answer.get().pid();
        Optional<GatewayAnswer.State> state = answer.get().told();
        out.name("pid").value(pid);
        out.name("version").value(state.map(GatewayAnswer.State::version).orElse(null));
        out.name("since").value(since(pid).map(Instant::toString).orElse(null));
        out.name("commands").value(state.map(GatewayAnswer.State::commands).orElse(null));
        out.name("log").value(log(pid).orElse(null));
        out.name("unit").value(unit(pid).orElse(null));
      }
      out.endObject();
    }
    return text + "\n";
  }

  private Optional<Instant> since(int pid) throws IOException {
    long now = kernel.procfs().uptimeTicks();
    return kernel
        .procfs()
        .stat(pid)
        .map(Procfs.Stat::startTicks)
        .map(ticks -> Instant.now().minusMillis((now - ticks) * MILLIS_OF_TICK))
        .map(instant -> instant.truncatedTo(ChronoUnit.SECONDS));
  }

  private Optional<String> log(int pid) throws IOException {
    return GatewayLog.of(kernel.procfs(), pid).map(Path::toString);
  }

  /** Finds the unit whose main process it is, see SYSTEMD_EXEC_PID in systemd.exec(5). */
  private Optional<String> unit(int pid) throws IOException {
    List<OsString> variables = kernel.procfs().environment(pid).orElse(List.of());
    if (!variables.contains(OsString.of("SYSTEMD_EXEC_PID=" + pid))) {
      return Optional.empty();
    }
    return kernel
        .procfs()
        .text(pid, "cgroup")
        .flatMap(
            text ->
                text.lines()
                    .map(l -> l.substring(l.lastIndexOf('/') + 1))
                    .filter(l -> l.endsWith(".service"))
                    .findFirst());
  }
}
