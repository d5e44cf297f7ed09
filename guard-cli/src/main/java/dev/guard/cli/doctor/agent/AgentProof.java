package dev.guard.cli.doctor.agent;

import dev.guard.cli.setup.KnownAgent;
import dev.guard.doctor.finding.Check;
import dev.guard.doctor.finding.Finding;
import dev.guard.doctor.finding.Remedy;
import dev.guard.os.Kernel;
import dev.guard.record.EndedCommand;
import dev.guard.value.Environment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Runs an agent against the model on loopback, and answers what came of it.
 *
 * <p>Guard's history and settings are those of the temporary home, so that the user's history has
 * no commands that nobody asked for; records and budgets are the user's, since limits are shared.
 */
final class AgentProof {
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final int PAUSE_MILLIS = 50;

  private final Kernel kernel;
  private final KnownAgent agent;
  private final Recipe recipe;
  private final Environment environment;
  private final Path userHome;

  AgentProof(
      Kernel kernel, KnownAgent agent, Recipe recipe, Environment environment, Path userHome) {
    this.kernel = kernel;
    this.agent = agent;
    this.recipe = recipe;
    this.environment = environment;
    this.userHome = userHome;
  }

  /**
   * Runs the agent as its user has it, in each mode of its sandbox, and without Guard.
   *
   * @param program that a call of the agent starts
   */
  List<Finding> findings(Path program) throws IOException {
    try (LoopbackModel model = LoopbackModel.open()) {
      AgentTrial trial = new AgentTrial(kernel, agent, environment, model);
      OtherRuns others = new OtherRuns(trial, agent, recipe, environment, userHome);
      List<Finding> findings = new ArrayList<>(asSetUp(trial, others, program));
      if (recipe.agent().equals(ClaudeHooks.AGENT)) {
        findings.add(others.hook(program));
      }
      for (String mode : recipe.sandboxes().keySet()) {
        findings.add(others.inSandbox(program, mode));
      }
      return findings;
    }
  }

  // ---- as it is set up

  private List<Finding> asSetUp(AgentTrial trial, OtherRuns others, Path program)
      throws IOException {
    List<Finding> findings = new ArrayList<>();
    try (TemporaryHome home = TemporaryHome.make()) {
      List<String> copied =
          new ArrayList<>(home.copy(agent, recipe, trial.url(), TemporaryHome.AS_SET_UP));
      home.copyGuardSettings(userHome, environment).ifPresent(f -> copied.add("copied: " + f));
      copied.addAll(notCopied());
      findings.add(
          Finding.pass(Check.SETTINGS, "", "the agent runs in a temporary home").with(copied));
      AgentRun run = trial.in(home);
      try {
        List<Step> steps =
            new ArrayList<>(List.of(trial.id(), trial.leave(), timeout(trial), denied()));
        steps.addAll(AgentTrial.timed());
        Ran ran = trial.run(run, program, recipe, recipe.words(), steps);
        findings.add(ranWell(ran));
        findings.addAll(command(trial, ran, home));
        findings.add(leftovers(trial, ran, run));
        findings.add(ownTimeout(trial, ran, run));
        findings.add(denyRule(ran, home));
        findings.add(others.latency(ran));
      } finally {
        run.killAll(List.of(trial.sleep(1), trial.sleep(2), trial.sleep(3)));
      }
    }
    return findings;
  }

  /** Lists what else there is, so that everybody sees that no file of credentials is copied. */
  private List<String> notCopied() throws IOException {
    if (!Files.isDirectory(agent.directory())) {
      return List.of();
    }
    try (Stream<Path> all = Files.list(agent.directory())) {
      return all.filter(Files::isRegularFile)
          .map(p -> p.getFileName().toString())
          .filter(n -> !recipe.settings().contains(n))
          .sorted()
          .map(n -> "not copied: " + agent.directory().resolve(n))
          .toList();
    }
  }

  private static Step timeout(AgentTrial trial) {
    return new Step(
        Step.Kind.TIMEOUT,
        AgentTrial.words(trial.sleep(3)) + " & " + AgentTrial.words(trial.sleep(3)));
  }

  private static Step denied() {
    return new Step(Step.Kind.DENIED, "touch denied");
  }

  private Finding ranWell(Ran ran) {
    return ran.problem().isEmpty()
        ? Finding.pass(
            Check.RUN, "", "it did what the model on loopback asked for, and ended with 0")
        : Finding.fail(
            Check.RUN,
            "",
            ran.problem(),
            new Remedy.Advice(
                "See whether "
                    + agent.title()
                    + " works without Guard; a version that was never tried may need another call."));
  }

  private List<Finding> command(AgentTrial trial, Ran ran, TemporaryHome home) throws IOException {
    Optional<Script.Done> done = ran.script().done(Step.Kind.ID);
    if (done.isEmpty()) {
      return List.of(notReached(Check.COMMAND));
    }
    Optional<String> id = trial.idIn(done.get().result());
    Optional<EndedCommand> found =
        id.isEmpty() ? Optional.empty() : trial.inHistory(home, id.get());
    if (found.isEmpty()) {
      return List.of(Finding.fail(Check.COMMAND, "", AgentTrial.bare(done.get(), id), setUp()));
    }
    List<Finding> findings = new ArrayList<>();
    findings.add(
        Finding.pass(Check.COMMAND, "", "it ran as command " + id.get() + " of Guard's history"));
    findings.addAll(AgentTrial.receipt(found.get()));
    return findings;
  }

  private Remedy setUp() {
    return new Remedy.Advice(
        "Call guard setup "
            + agent.name()
            + ", and look again; docs/agents.md says what it writes.");
  }

  static Finding notReached(Check check) {
    return Finding.skipped(check, "", "the agent did not come to this command");
  }

  private Finding leftovers(AgentTrial trial, Ran ran, AgentRun run) throws IOException {
    if (ran.script().done(Step.Kind.LEAVE).isEmpty()) {
      return notReached(Check.LEFTOVERS);
    }
    List<Integer> alive = afterAll(run, List.of(trial.sleep(1), trial.sleep(2)));
    return alive.isEmpty()
        ? Finding.pass(Check.LEFTOVERS, "", "nothing lives of what a command has left behind")
        : Finding.fail(
            Check.LEFTOVERS, "", "what a command has left behind lives: " + pids(alive), setUp());
  }

  private Finding ownTimeout(AgentTrial trial, Ran ran, AgentRun run) throws IOException {
    Optional<Script.Done> done = ran.script().done(Step.Kind.TIMEOUT);
    if (done.isEmpty()) {
      boolean left = ran.script().done(Step.Kind.DENIED).isPresent();
      return left
          ? Finding.skipped(Check.OWN_TIMEOUT, "", "the agent's tool takes no timeout")
          : notReached(Check.OWN_TIMEOUT);
    }
    List<Integer> alive = afterAll(run, List.of(trial.sleep(3)));
    return alive.isEmpty()
        ? Finding.pass(Check.OWN_TIMEOUT, "", "nothing lives of what the agent has ended")
        : Finding.fail(
            Check.OWN_TIMEOUT, "", "what the agent has ended lives: " + pids(alive), setUp());
  }

  private static String pids(List<Integer> pids) {
    return "process " + String.join(", ", pids.stream().map(String::valueOf).toList());
  }

  /** Lists what lives when the agent has ended and there was time for the end of the rest. */
  private List<Integer> afterAll(AgentRun run, List<List<String>> commands) throws IOException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      List<Integer> alive = new ArrayList<>();
      for (List<String> words : commands) {
        alive.addAll(run.living(words));
      }
      if (alive.isEmpty() || System.nanoTime() > deadline) {
        return alive;
      }
      kernel.os().poll(new int[0], PAUSE_MILLIS);
    }
  }

  private Finding denyRule(Ran ran, TemporaryHome home) {
    if (!recipe.denies()) {
      return Finding.skipped(
          Check.DENY_RULE, "", "no rule that denies a command is known of this agent");
    }
    if (ran.script().done(Step.Kind.DENIED).isEmpty()) {
      return notReached(Check.DENY_RULE);
    }
    return Files.exists(home.project().resolve("denied"))
        ? Finding.fail(
            Check.DENY_RULE,
            "",
            "a command that the agent's rules deny has run",
            new Remedy.Advice(
                "Call guard setup "
                    + agent.name()
                    + " --undo, and see whether it is denied then; report it as a bug if so."))
        : Finding.pass(Check.DENY_RULE, "", "a command that the agent's rules deny has not run");
  }
}
