package dev.guard.cli.doctor.agent;

import dev.guard.cli.setup.KnownAgent;
import dev.guard.doctor.finding.Check;
import dev.guard.doctor.finding.Finding;
import dev.guard.doctor.finding.Remedy;
import dev.guard.os.Kernel;
import dev.guard.os.Loopback;
import dev.guard.os.OsString;
import dev.guard.os.ProgramResult;
import dev.guard.value.Environment;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Answers whether what an installed agent starts is under Guard, by a run of it. */
public final class AgentDoctor {
  private static final Pattern VERSION = Pattern.compile("\\d+(\\.\\d+)+");

  private final Kernel kernel;
  private final Environment environment;
  private final Path home;

  /**
   * Makes the doctor of a user's agents.
   *
   * @param environment of whoever asks
   * @param home the user's home directory
   */
  public AgentDoctor(Kernel kernel, Environment environment, Path home) {
    this.kernel = kernel;
    this.environment = environment;
    this.home = home;
  }

  /** Lists the words of the agents that can be run. */
  public static List<String> names() {
    return Recipes.ALL.stream().map(Recipe::agent).toList();
  }

  /**
   * Goes on in a network namespace with loopback alone: this process becomes another call of guard,
   * unless it is in one.
   *
   * @param guard the program
   * @param arguments of this call
   * @throws IOException when there can be none
   */
  public void leaveNetwork(Path guard, List<OsString> arguments) throws IOException {
    LoopbackNetwork network = new LoopbackNetwork(kernel, environment);
    if (!network.isHere()) {
      network.enter(guard, arguments);
    }
    Loopback.begin();
    Loopback.dropAmbientRights();
  }

  /**
   * Looks at an agent, and runs it.
   *
   * @param name one of {@link #names}
   * @throws IOException when it is not installed, or its settings can not be read
   */
  public List<Finding> examine(String name) throws IOException {
    Recipe recipe = Recipes.of(name).orElseThrow();
    KnownAgent agent = KnownAgent.of(name, home, environment);
    Path program =
        agent
            .program()
            .orElseThrow(
                () -> new IOException("doctor: " + name + " is not in PATH; install it first"));
    List<Finding> findings = new ArrayList<>();
    findings.add(version(agent, recipe, program));
    findings.add(setUp(agent));
    daemon(recipe).ifPresent(findings::add);
    findings.addAll(new AgentProof(kernel, agent, recipe, environment, home).findings(program));
    return findings;
  }

  private Finding version(KnownAgent agent, Recipe recipe, Path program) throws IOException {
    try (TemporaryHome empty = TemporaryHome.make()) {
      ProgramResult said =
          new AgentRun(kernel, environment, empty, "version")
              .run(program, List.of("--version"), Map.of());
      Matcher version = VERSION.matcher(said.output());
      String found = version.find() ? version.group() : "of unknown version";
      return found.equals(recipe.version())
          ? Finding.pass(Check.VERSION, "", agent.title() + " " + found + ", " + program)
          : Finding.caution(
              Check.VERSION,
              "",
              agent.title() + " " + found + ", " + program + ": " + recipe.version() + " was tried",
              new Remedy.Advice(
                  "The other findings say whether this one works; look again after each update."));
    }
  }

  private static Finding setUp(KnownAgent agent) throws IOException {
    List<Path> missing = agent.notSetUp();
    return missing.isEmpty()
        ? Finding.pass(Check.SETUP, "", "its files have what guard setup puts into them")
        : Finding.fail(
            Check.SETUP,
            "",
            "it is not set up: nothing of Guard is in "
                + String.join(", ", missing.stream().map(Path::toString).toList()),
            new Remedy.Advice("Call guard setup " + agent.name() + "."));
  }

  /** Finds what serves the agent and keeps the settings and the cgroup that it was started with. */
  private Optional<Finding> daemon(Recipe recipe) throws IOException {
    if (recipe.daemon().isEmpty()) {
      return Optional.empty();
    }
    List<String> found = new ArrayList<>();
    for (int pid : kernel.procfs().pids()) {
      List<String> words =
          kernel.procfs().arguments(pid).orElse(List.of()).stream()
              .map(OsString::toString)
              .toList();
      boolean isIt =
          words.contains(recipe.daemon())
              && words.stream().limit(2).anyMatch(w -> w.matches("(.*/)?" + recipe.agent()));
      if (isIt && !isGuarded(pid)) {
        found.add(String.valueOf(pid));
      }
    }
    return Optional.of(
        found.isEmpty()
            ? Finding.pass(Check.DAEMON, "", "no " + recipe.daemon() + " of it runs outside Guard")
            : Finding.caution(
                Check.DAEMON,
                "",
                recipe.daemon()
                    + " runs outside Guard, and so may the commands that it is given: process "
                    + String.join(", ", found),
                new Remedy.Advice("End it, and start the agent anew.")));
  }

  private boolean isGuarded(int pid) {
    try {
      return kernel.procfs().environment(pid).orElse(List.of()).stream()
          .anyMatch(e -> e.toString().startsWith("GUARD_ID="));
    } catch (IOException e) {
      // It is another user's, and not this one's to judge.
      return true;
    }
  }
}
