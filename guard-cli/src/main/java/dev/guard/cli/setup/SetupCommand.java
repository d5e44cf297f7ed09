package dev.guard.cli.setup;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.guard.cli.shared.ExitCode;
import dev.guard.cli.shared.Installation;
import dev.guard.cli.shared.Settings;
import dev.guard.cli.shared.Texts;
import dev.guard.os.FileStatus;
import dev.guard.os.OsString;
import dev.guard.store.FileLock;
import dev.guard.store.StateDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code guard setup} puts Guard under an agent. */
@Command(
    name = "setup",
    description =
        "Has a coding agent run its commands under Guard, by an edit of the agent's own files.",
    mixinStandardHelpOptions = true)
public final class SetupCommand implements Callable<Integer> {
  private final Settings settings;
  @Spec private CommandSpec spec;

  @Option(names = "--list", description = "List the agents that Guard knows, and which are set up.")
  private boolean list;

  @Option(names = "--all", description = "Every agent that is installed.")
  private boolean all;

  @Option(names = "--dry-run", description = "Only show what would change.")
  private boolean dryRun;

  @Option(names = "--undo", description = "Take it out again.")
  private boolean undo;

  @Option(
      names = "--project",
      description = "In the project in the working directory, not for all of your projects.")
  private boolean project;

  @Parameters(paramLabel = "AGENT", description = "Its name, as --list shows it.")
  private List<OsString> names = new ArrayList<>();

  public SetupCommand(Settings settings) {
    this.settings = settings;
  }

  @Override
  public Integer call() throws IOException {
    if (list && (all || dryRun || undo || !names.isEmpty())) {
      throw new ParameterException(
          spec.commandLine(), "--list: goes with --project alone; leave the rest out");
    }
    if (!list && all == !names.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "name an agent, or --all; known: " + known());
    }
    Places places = places();
    if (list) {
      print(table(places));
      return 0;
    }
    List<Agent> agents = new ArrayList<>(all ? Agents.installed(places) : List.of());
    for (OsString name : names) {
      agents.add(agent(name.toString()));
    }
    if (agents.isEmpty()) {
      throw new IOException("setup: no agent is installed of those that are known: " + known());
    }
    if (!undo) {
      places.requireShells();
    }
    return dryRun ? setUp(agents, places, found()) : locked(agents, places);
  }

  private static String known() {
    return Agents.ALL.stream().map(Agent::name).collect(Collectors.joining(", "));
  }

  private Agent agent(String name) {
    return Agents.named(name)
        .orElseThrow(
            () ->
                new ParameterException(
                    spec.commandLine(), "unknown agent '" + name + "'; known: " + known()));
  }

  private Places places() throws IOException {
    Path home =
        variable("HOME")
            .map(Path::of)
            .filter(Path::isAbsolute)
            .orElseThrow(() -> new IOException("setup: HOME names no directory; set it"));
    FileStatus found =
        FileStatus.followed(home)
            .orElseThrow(() -> new IOException("setup: there is no " + home + "; set HOME"));
    int user = settings.kernel().os().userId();
    if (found.user() != user) {
      throw new IOException(
          "setup: HOME is "
              + home
              + ", which belongs to user "
              + found.user()
              + ", and this is user "
              + user
              + "; run it as the user of the agent, without sudo");
    }
    OsString directory =
        settings
            .asker()
            .directory()
            .orElseThrow(() -> new IOException("setup: the working directory was removed"));
    return new Places(
        home.normalize(),
        Path.of(directory.toString()),
        Installation.folder(),
        settings.invocation().environment());
  }

  private Optional<String> variable(String name) {
    return settings.invocation().environment().get(name).map(OsString::toString);
  }

  private String table(Places places) throws IOException {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("AGENT", "NAME", "SET UP", "INSTALLED"));
    for (Agent agent : Agents.ALL) {
      String where = Agents.where(agent, places).map(Path::toString).orElse("-");
      rows.add(List.of(agent.name(), agent.title(), state(agent, places), where));
    }
    return Texts.table(rows);
  }

  private String state(Agent agent, Places places) throws IOException {
    AgentSetup setup = new AgentSetup(agent.name(), files(agent, places), found());
    try {
      return setup.files().isEmpty() ? "-" : setup.isDone() ? "yes" : "no";
    } catch (IOException e) {
      return "damaged";
    }
  }

  private List<AgentFile> files(Agent agent, Places places) {
    return (project ? agent.projectFiles() : agent.files()).apply(places);
  }

  private StateDirectory state() {
    List<String> homes = variable("HOME").stream().toList();
    return StateDirectory.of(settings.kernel().os().userId(), variable("XDG_STATE_HOME"), homes);
  }

  /** Answers the backups that there are, and makes no folder. */
  private Backups found() throws IOException {
    Path folder = state().find().orElse(Path.of("/nowhere")).resolve("setup");
    return new Backups(settings.kernel().os(), folder);
  }

  private int locked(List<Agent> agents, Places places) throws IOException {
    Path folder = state().make("setup");
    FileLock lock = new FileLock(settings.kernel().os(), settings.kernel().procfs());
    return lock.hold(
        folder.resolve("lock"),
        () -> setUp(agents, places, new Backups(settings.kernel().os(), folder)));
  }

  /** Goes on with the next agent where one fails. */
  private int setUp(List<Agent> agents, Places places, Backups backups) {
    int status = 0;
    for (Agent agent : agents) {
      try {
        setUp(agent, places, backups);
      } catch (IOException e) {
        settings.output().say("setup: " + agent.name() + ": " + e.getMessage());
        status = ExitCode.GUARD_ERROR;
      }
    }
    return status;
  }

  private void setUp(Agent agent, Places places, Backups backups) throws IOException {
    AgentSetup setup = new AgentSetup(agent.name(), files(agent, places), backups);
    if (setup.files().isEmpty()) {
      throw new IOException("has nothing in a project; leave --project out");
    }
    if (project) {
      setup.requireInside(places.project());
    }
    AgentSetup.Plan plan = undo ? setup.toUndo() : setup.toSetUp();
    for (Change change : plan.changes()) {
      settings.output().standard().writeBytes(change.difference().getBytes(ISO_8859_1));
    }
    if (!dryRun) {
      new Changes(backups).make(plan.changes());
    }
    print(agent.name() + ": " + outcome(plan) + "\n");
    plan.remarks().forEach(settings.output()::say);
    if (!undo && !plan.changes().isEmpty()) {
      notes(agent, setup, places).forEach(n -> settings.output().say(agent.name() + ": " + n));
    }
  }

  private String outcome(AgentSetup.Plan plan) {
    if (plan.changes().isEmpty()) {
      return undo ? "nothing to undo" : "nothing to change";
    }
    if (dryRun) {
      return "nothing written (--dry-run)";
    }
    return undo ? "undone" : "set up; what was there before is kept for --undo";
  }

  private List<String> notes(Agent agent, AgentSetup setup, Places places) {
    List<String> notes = new ArrayList<>();
    for (AgentFile file : setup.files()) {
      if (file.format() instanceof LauncherText) {
        Optional<Path> first = places.inPath(agent.program()).stream().findFirst();
        if (!dryRun && !first.equals(Optional.of(file.path()))) {
          notes.add(
              "put "
                  + file.path().getParent()
                  + " first in PATH: "
                  + first.map(f -> f + " is what starts now").orElse("it is not there"));
        }
      }
    }
    notes.addAll(agent.notes().apply(places));
    return notes;
  }

  private void print(String text) {
    settings.output().print(text);
  }
}
