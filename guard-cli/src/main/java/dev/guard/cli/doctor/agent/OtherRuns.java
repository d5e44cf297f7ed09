package dev.guard.cli.doctor.agent;

import com.google.gson.JsonObject;
import dev.guard.cli.setup.KnownAgent;
import dev.guard.doctor.finding.Check;
import dev.guard.doctor.finding.Finding;
import dev.guard.doctor.finding.Remedy;
import dev.guard.record.EndedCommand;
import dev.guard.value.Environment;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Runs the agent in other ways than its user has it: without Guard, with the user's hooks alone, in
 * its sandbox.
 */
final class OtherRuns {
  private final AgentTrial trial;
  private final KnownAgent agent;
  private final Recipe recipe;
  private final Environment environment;
  private final Path userHome;

  OtherRuns(
      AgentTrial trial, KnownAgent agent, Recipe recipe, Environment environment, Path userHome) {
    this.trial = trial;
    this.agent = agent;
    this.recipe = recipe;
    this.environment = environment;
    this.userHome = userHome;
  }

  /** Compares the time of a command with that of one without Guard. */
  Finding latency(Ran ran) throws IOException {
    Optional<Path> program = agent.bareProgram();
    if (times(ran).isEmpty() || program.isEmpty()) {
      return AgentProof.notReached(Check.LATENCY);
    }
    if (ran.script().done(Step.Kind.ID).flatMap(d -> trial.idIn(d.result())).orElse("").isEmpty()) {
      return Finding.skipped(Check.LATENCY, "", "the agent's commands ran bare");
    }
    try (TemporaryHome home = TemporaryHome.make()) {
      home.copy(agent, recipe, trial.url(), TemporaryHome.BARE);
      AgentRun run = trial.in(home);
      try {
        Ran without = trial.run(run, program.get(), recipe, recipe.words(), AgentTrial.timed());
        if (times(without).isEmpty()) {
          return Finding.skipped(Check.LATENCY, "", "without Guard: " + without.problem());
        }
        return Finding.pass(
                Check.LATENCY,
                "",
                String.format(
                    "a command took %d ms with Guard, %d ms without; median of %d",
                    median(times(ran)), median(times(without)), AgentTrial.TIMED))
            .with(
                List.of(
                    "in the temporary home no gateway serves, so each command has started a server"
                        + " of its own; with a gateway it takes milliseconds"));
      } finally {
        run.killAll(List.of());
      }
    }
  }

  private static List<Long> times(Ran ran) {
    return ran.script().done().stream()
        .filter(d -> d.step().kind() == Step.Kind.NOTHING)
        .map(d -> d.took().toMillis())
        .sorted()
        .toList();
  }

  private static long median(List<Long> sorted) {
    return sorted.get(sorted.size() / 2);
  }

  /** Looks whether a hook of the user rewrites commands. */
  Finding hook(Path program) throws IOException {
    JsonObject hooks = ClaudeHooks.ofCommands(agent.directory().resolve(ClaudeHooks.FILE));
    if (hooks.size() == 0) {
      return Finding.pass(Check.HOOK, "", "no hook of its settings is called before a command");
    }
    try (TemporaryHome home = TemporaryHome.make()) {
      Recipe withHooks = recipe.with(ClaudeHooks.FILE, "hooks", hooks);
      home.copy(agent, withHooks, trial.url(), TemporaryHome.AS_SET_UP);
      AgentRun run = trial.in(home);
      try {
        Step asked = trial.id();
        Ran ran = trial.run(run, program, withHooks, withHooks.words(), List.of(asked));
        Optional<Script.Done> done = ran.script().done(Step.Kind.ID);
        if (done.isEmpty()) {
          return Finding.skipped(Check.HOOK, "", ran.problem());
        }
        Optional<String> id = trial.idIn(done.get().result());
        Optional<EndedCommand> found =
            id.isEmpty() ? Optional.empty() : trial.inHistory(home, id.get());
        if (found.isEmpty()) {
          return Finding.skipped(
              Check.HOOK, "", "with your hooks " + AgentTrial.bare(done.get(), id));
        }
        return found.get().argv().stream().anyMatch(w -> w.toString().contains(asked.command()))
            ? Finding.pass(Check.HOOK, "", "your hooks leave a command as it was asked for")
            : Finding.caution(Check.HOOK, "", ClaudeHooks.REWRITES, ClaudeHooks.REMEDY);
      } finally {
        run.killAll(List.of());
      }
    }
  }

  /** Looks what a command has got in a mode of the sandbox. */
  Finding inSandbox(Path program, String mode) throws IOException {
    try (TemporaryHome home = TemporaryHome.make()) {
      home.copy(agent, recipe, trial.url(), TemporaryHome.AS_SET_UP);
      home.copyGuardSettings(userHome, environment);
      AgentRun run = trial.in(home);
      try {
        List<String> words = recipe.sandboxes().get(mode);
        Ran ran = trial.run(run, program, recipe, words, List.of(trial.id(), trial.leave()));
        Optional<Script.Done> done = ran.script().done(Step.Kind.ID);
        if (done.isEmpty()) {
          return Finding.skipped(Check.SANDBOX, mode, ran.problem());
        }
        Optional<String> id = trial.idIn(done.get().result());
        Optional<EndedCommand> found =
            id.isEmpty() ? Optional.empty() : trial.inHistory(home, id.get());
        if (found.isPresent()) {
          return Finding.pass(
              Check.SANDBOX, mode, "it ran as command " + id.get() + degraded(found.get()));
        }
        return hasEnded(ran)
            ? Finding.pass(
                Check.SANDBOX,
                mode,
                "Guard has ended what a command had left; it can write no history in this mode")
            : Finding.caution(
                Check.SANDBOX,
                mode,
                AgentTrial.bare(done.get(), id),
                new Remedy.Advice(
                    "In this mode start all of the agent as one command: guard exec --timeout 0 -- "
                        + agent.name()));
      } finally {
        run.killAll(List.of(trial.sleep(1), trial.sleep(2)));
      }
    }
  }

  /** Tells whether Guard itself has said what it did, where no history is. */
  private static boolean hasEnded(Ran ran) {
    return ran.script()
        .done(Step.Kind.LEAVE)
        .filter(d -> d.result().contains("guard: ended 2 processes that were left running"))
        .isPresent();
  }

  private static String degraded(EndedCommand command) {
    List<String> names =
        AgentTrial.receipt(command).stream()
            .filter(f -> f.status() == Finding.Verdict.CAUTION)
            .map(Finding::subject)
            .toList();
    return names.isEmpty() ? "" : "; degraded: " + String.join(", ", names);
  }
}
