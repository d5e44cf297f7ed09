package dev.guard.cli.doctor;

import com.google.gson.stream.JsonWriter;
import dev.guard.cli.doctor.agent.AgentDoctor;
import dev.guard.cli.shared.ExitCode;
import dev.guard.cli.shared.Installation;
import dev.guard.cli.shared.Messages;
import dev.guard.cli.shared.Settings;
import dev.guard.cli.shared.Texts;
import dev.guard.doctor.Doctor;
import dev.guard.doctor.finding.Area;
import dev.guard.doctor.finding.Finding;
import dev.guard.doctor.finding.Remedy;
import dev.guard.doctor.machine.ExaminedMachine;
import dev.guard.os.OsString;
import dev.guard.value.Environment;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code guard doctor} says why this host behaves as it does, and what to do. */
@Command(
    name = "doctor",
    description =
        "Says why this host, or an agent, behaves as it does, and what to do; it changes nothing.",
    mixinStandardHelpOptions = true)
public final class DoctorCommand implements Callable<Integer> {
  /** The exit status of {@code --canary} when something is wrong. */
  static final int DRIFT = 1;

  /** Lists what can be looked at, for completion. */
  static final class Words implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      Stream<String> areas = Area.OF_HOST.stream().map(Area::text);
      return Stream.concat(areas, AgentDoctor.names().stream()).iterator();
    }
  }

  private final Settings settings;
  @Spec private CommandSpec spec;

  @Option(names = "--json", description = "As one JSON array.")
  private boolean json;

  @Option(
      names = "--canary",
      description =
          "Say only what is wrong, and exit with 1 then: for a timer. Without an area: namespaces.")
  private boolean canary;

  @Option(
      names = "--pid",
      paramLabel = "PID",
      description = "Look at the namespaces of this process in place of agents and sessions.")
  private List<Integer> pids = new ArrayList<>();

  @Option(
      names = "--network",
      description = "Run the agent with the network that there is, and not with loopback alone.")
  private boolean network;

  @Parameters(
      arity = "0..*",
      paramLabel = "AREA",
      completionCandidates = Words.class,
      description = {
        "cgroups, systemd, namespaces, headroom or leaks; none: all of them.",
        "Or an agent: it is run once, against a model on loopback, to see that its commands are"
            + " under Guard."
      })
  private List<OsString> words = new ArrayList<>();

  private List<Area> areas = List.of();

  public DoctorCommand(Settings settings) {
    this.settings = settings;
  }

  @Override
  public Integer call() throws IOException {
    List<String> names = words.stream().map(OsString::toString).toList();
    if (names.stream().anyMatch(AgentDoctor.names()::contains)) {
      return agent(names);
    }
    if (network) {
      throw new ParameterException(spec.commandLine(), "--network: goes with an agent alone");
    }
    areas = names.stream().map(this::area).toList();
    if (!pids.isEmpty() && !areas.isEmpty() && !areas.equals(List.of(Area.NAMESPACES))) {
      throw new ParameterException(
          spec.commandLine(),
          "--pid: only with the area namespaces; leave out the others, or --pid");
    }
    ExaminedMachine machine =
        ExaminedMachine.here(
            settings.kernel(), settings.orBuiltIn(), settings.invocation().environment());
    for (int pid : pids) {
      if (machine.procfs().stat(pid).isEmpty()) {
        Messages.print("--pid: there is no process " + pid);
        return ExitCode.GUARD_ERROR;
      }
    }
    List<Finding> findings = new Doctor(machine, pids).examine(chosen());
    if (canary) {
      findings = findings.stream().filter(f -> f.status() == Finding.Verdict.FAIL).toList();
    }
    print(findings);
    return canary && !findings.isEmpty() ? DRIFT : 0;
  }

  private void print(List<Finding> findings) throws IOException {
    String text = json ? toJson(findings) : toText(findings);
    System.out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
  }

  private Area area(String name) {
    return Area.OF_HOST.stream()
        .filter(a -> a.text().equalsIgnoreCase(name))
        .findFirst()
        .orElseThrow(
            () ->
                new ParameterException(
                    spec.commandLine(),
                    "'"
                        + name
                        + "' is neither an area ("
                        + Area.OF_HOST.stream().map(Area::text).collect(Collectors.joining(", "))
                        + ") nor an agent that can be run ("
                        + String.join(", ", AgentDoctor.names())
                        + ")"));
  }

  /** Runs an agent, and answers {@link #DRIFT} where something has failed. */
  private int agent(List<String> names) throws IOException {
    if (names.size() > 1 || canary || !pids.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          "an agent is looked at alone: leave out the rest, but --json and --network");
    }
    Environment environment = settings.invocation().environment();
    Path home =
        environment
            .get("HOME")
            .map(h -> Path.of(h.toString()))
            .filter(Path::isAbsolute)
            .orElseThrow(() -> new IOException("doctor: HOME names no directory; set it"));
    AgentDoctor doctor = new AgentDoctor(settings.kernel(), environment, home);
    if (!network) {
      doctor.leaveNetwork(Installation.guard(), settings.invocation().arguments());
    }
    List<Finding> findings = doctor.examine(names.get(0));
    print(findings);
    return findings.stream().anyMatch(f -> f.status() == Finding.Verdict.FAIL) ? DRIFT : 0;
  }

  private Set<Area> chosen() {
    if (!areas.isEmpty()) {
      return EnumSet.copyOf(areas);
    }
    return canary || !pids.isEmpty() ? EnumSet.of(Area.NAMESPACES) : Area.OF_HOST;
  }

  // ---- text

  private static String toText(List<Finding> findings) {
    StringBuilder text = new StringBuilder();
    Area area = null;
    for (Finding f : findings) {
      if (f.check().area() != area) {
        area = f.check().area();
        text.append(text.isEmpty() ? "" : "\n").append(area.text()).append('\n');
      }
      String what = f.check().text() + (f.subject().isEmpty() ? "" : " " + f.subject());
      text.append(
          String.format("  %-8s%s: %s%n", word(f), Texts.shown(what), Texts.shown(f.reason())));
      f.details().forEach(d -> text.append("          ").append(Texts.shown(d)).append('\n'));
      f.remedy().ifPresent(r -> text.append(remedy(r)));
    }
    return text.toString();
  }

  private static String word(Finding f) {
    return f.status().name().toLowerCase(Locale.ROOT);
  }

  /** Writes a remedy so that it can be copied, also with the spaces before it. */
  private static String remedy(Remedy remedy) {
    String head =
        remedy instanceof Remedy.Script script
            ? "remedy, " + (script.root() ? "as root" : "as this user") + ":"
            : "remedy, for a person:";
    StringBuilder text = new StringBuilder("          ").append(head).append('\n');
    // A line for a person may have the names that processes have given themselves.
    Stream<String> lines =
        remedy instanceof Remedy.Advice
            ? Stream.of(Texts.shown(remedy.text()))
            : remedy.text().lines();
    lines.forEach(l -> text.append("            ").append(l).append('\n'));
    return text.toString();
  }

  // ---- JSON

  private static String toJson(List<Finding> findings) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonWriter out = new JsonWriter(text)) {
      out.setIndent("  ");
      out.setHtmlSafe(false);
      out.beginArray();
      for (Finding f : findings) {
        out.beginObject();
        out.name("area").value(f.check().area().text());
        out.name("check").value(f.check().text());
        out.name("subject").value(f.subject());
        out.name("status").value(word(f));
        out.name("reason").value(f.reason());
        out.name("details").beginArray();
        for (String detail : f.details()) {
          out.value(detail);
        }
        out.endArray();
        out.name("remedy");
        if (f.remedy().isPresent()) {
          remedy(out, f.remedy().get());
        } else {
          out.nullValue();
        }
        if (f.namespace().isPresent()) {
          NamespaceJson.write(out.name("namespace"), f.namespace().get());
        }
        out.endObject();
      }
      out.endArray();
    }
    return text + "\n";
  }

  private static void remedy(JsonWriter out, Remedy remedy) throws IOException {
    out.beginObject();
    if (remedy instanceof Remedy.Script script) {
      out.name("as").value(script.root() ? "root" : "user");
      out.name("script").value(script.text());
    } else {
      out.name("as").value("person");
      out.name("text").value(remedy.text());
    }
    out.endObject();
  }
}
