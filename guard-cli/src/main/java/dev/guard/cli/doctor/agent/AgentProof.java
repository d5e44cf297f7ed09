package dev.guard.cli.doctor.agent;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.guard.cli.setup.KnownAgent;
import dev.guard.doctor.finding.Check;
import dev.guard.doctor.finding.Finding;
import dev.guard.doctor.finding.Remedy;
import dev.guard.os.Kernel;
import dev.guard.os.ProgramResult;
import dev.guard.record.EndedCommand;
import dev.guard.record.History;
import dev.guard.record.HistoryReader;
import dev.guard.store.StateDirectory;
import dev.guard.value.Environment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
  private static final int TIMED = 3;
  private static final int LAST_LINES = 5;
  private static final int LONGEST_LINE = 300;

  private final Kernel kernel;
  private final KnownAgent agent;
  private final Recipe recipe;
  private final Environment environment;
  private final Path userHome;

  /** A number that makes words of commands nobody else's. */
  private final int nonce = 100_000 + new SecureRandom().nextInt(800_000);

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
      List<Finding> findings = new ArrayList<>(asSetUp(model, program));
      if (recipe.agent().equals(ClaudeHooks.AGENT)) {
        findings.add(hook(model, program));
      }
      for (String mode : recipe.sandboxes().keySet()) {
        findings.add(inSandbox(model, program, mode));
      }
      return findings;
    }
  }

  /** A run of the agent that has ended. */
  private record Ran(Script script, Optional<ProgramResult> result, String failure) {
    /** Answers what is wrong with the run itself; empty: nothing. */
    String problem() {
      if (result.isEmpty()) {
        return failure;
      }
      String said = (result.get().output() + "\n" + result.get().errors()).strip();
      if (!script.hasBegun()) {
        return "it asked nothing of the model, and ended with " + end(said);
      }
      return result.get().status() == 0 ? "" : "it ended with " + end(said);
    }

    private String end(String said) {
      List<String> lines = said.lines().filter(l -> !l.isBlank()).toList();
      return result.orElseThrow().status()
          + ": "
          + String.join(" / ", lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()))
              .replaceAll("(.{" + LONGEST_LINE + "}).*", "$1...");
    }
  }

  private static Ran run(
      LoopbackModel model,
      AgentRun run,
      Path program,
      Recipe recipe,
      List<String> words,
      List<Step> steps) {
    Script script = new Script(steps);
    model.follow(script);
    try {
      ProgramResult result = run.run(program, words, recipe.variables().apply(model.url()));
      return new Ran(script, Optional.of(result), "");
    } catch (IOException e) {
      return new Ran(script, Optional.empty(), e.getMessage());
    }
  }

  private AgentRun in(TemporaryHome home) {
    return new AgentRun(kernel, environment, home, agent.name() + "-" + nonce);
  }

  // ---- as it is set up

  private List<Finding> asSetUp(LoopbackModel model, Path program) throws IOException {
    List<Finding> findings = new ArrayList<>();
    try (TemporaryHome home = TemporaryHome.make()) {
      List<String> copied =
          new ArrayList<>(home.copy(agent, recipe, model.url(), TemporaryHome.AS_SET_UP));
      home.copyGuardSettings(userHome, environment).ifPresent(f -> copied.add("copied: " + f));
      copied.addAll(notCopied());
      findings.add(
          Finding.pass(Check.SETTINGS, "", "the agent runs in a temporary home").with(copied));
      AgentRun run = in(home);
      try {
        List<Step> steps = new ArrayList<>(List.of(id(), leave(), timeout(), denied()));
        steps.addAll(timed());
        Ran ran = run(model, run, program, recipe, recipe.words(), steps);
        findings.add(ranWell(ran));
        findings.addAll(command(ran, home));
        findings.add(leftovers(ran, run));
        findings.add(ownTimeout(ran, run));
        findings.add(denyRule(ran, home));
        findings.add(latency(ran, model));
      } finally {
        run.killAll(List.of(sleep(1), sleep(2), sleep(3)));
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

  private Step id() {
    // The sum is not in the command, so the command itself is no proof that it ran.
    return new Step(Step.Kind.ID, "expr " + nonce + " + 1 && echo id=$GUARD_ID");
  }

  private Step leave() {
    String quiet = " </dev/null >/dev/null 2>&1 & ";
    String command = "setsid " + words(sleep(1)) + quiet + words(sleep(2)) + quiet + "echo left";
    return new Step(Step.Kind.LEAVE, command);
  }

  private Step timeout() {
    return new Step(Step.Kind.TIMEOUT, words(sleep(3)) + " & " + words(sleep(3)));
  }

  private static Step denied() {
    return new Step(Step.Kind.DENIED, "touch denied");
  }

  private static List<Step> timed() {
    return Stream.generate(() -> new Step(Step.Kind.NOTHING, "true")).limit(TIMED).toList();
  }

  /** Answers the words of a command that nobody else calls. */
  private List<String> sleep(int number) {
    return List.of("sleep", number + "" + nonce);
  }

  private static String words(List<String> words) {
    return String.join(" ", words);
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

  private List<Finding> command(Ran ran, TemporaryHome home) throws IOException {
    Optional<Script.Done> done = ran.script().done(Step.Kind.ID);
    if (done.isEmpty()) {
      return List.of(notReached(Check.COMMAND));
    }
    Optional<String> id = idIn(done.get().result());
    Optional<EndedCommand> found = id.isEmpty() ? Optional.empty() : inHistory(home, id.get());
    if (found.isEmpty()) {
      return List.of(Finding.fail(Check.COMMAND, "", bare(done.get(), id), setUp()));
    }
    List<Finding> findings = new ArrayList<>();
    findings.add(
        Finding.pass(Check.COMMAND, "", "it ran as command " + id.get() + " of Guard's history"));
    findings.addAll(receipt(found.get()));
    return findings;
  }

  private String bare(Script.Done done, Optional<String> id) {
    if (id.filter(i -> !i.isEmpty()).isPresent()) {
      return "GUARD_ID was " + id.get() + ", of which Guard's history has no command";
    }
    return id.isPresent()
        ? "it ran bare: it had no GUARD_ID"
        : "it did not run: " + done.result().replaceAll("(?s)(.{200}).*", "$1...");
  }

  private Remedy setUp() {
    return new Remedy.Advice(
        "Call guard setup "
            + agent.name()
            + ", and look again; docs/agents.md says what it writes.");
  }

  /** Finds the id that a command has printed; an empty one is that of no command. */
  private Optional<String> idIn(String result) {
    Matcher printed =
        Pattern.compile(nonce + 1 + "\\s*(?:\\\\n|\\s)\\s*id=([0-9a-f]*)").matcher(result);
    return printed.find() ? Optional.of(printed.group(1)) : Optional.empty();
  }

  private Optional<EndedCommand> inHistory(TemporaryHome home, String id) throws IOException {
    StateDirectory state =
        StateDirectory.of(kernel.os().userId(), Optional.empty(), List.of(home.path().toString()));
    List<EndedCommand> found = new ArrayList<>();
    try (HistoryReader reader = new History(kernel.os(), state).reader()) {
      reader.read(
          "",
          e -> {
            if (e.id().equals(id)) {
              found.add(e);
            }
            return true;
          });
    }
    return found.stream().findFirst();
  }

  private static List<Finding> receipt(EndedCommand command) {
    List<Finding> findings = new ArrayList<>();
    JsonObject report = JsonParser.parseString(command.json()).getAsJsonObject();
    for (JsonElement each : report.getAsJsonArray("layers")) {
      JsonObject layer = each.getAsJsonObject();
      String name = layer.get("name").getAsString();
      String state = layer.get("state").getAsString();
      String limit = layer.get("limit").getAsString();
      String detail = layer.get("detail").getAsString();
      String said = state + (limit.isEmpty() ? "" : ", " + limit);
      said += detail.isEmpty() ? "" : ": " + detail;
      findings.add(
          state.equals("degraded")
              ? Finding.caution(
                  Check.RECEIPT,
                  name,
                  said,
                  new Remedy.Advice("guard doctor cgroups says what can be done on this host."))
              : Finding.pass(Check.RECEIPT, name, said));
    }
    return findings;
  }

  private static Finding notReached(Check check) {
    return Finding.skipped(check, "", "the agent did not come to this command");
  }

  private Finding leftovers(Ran ran, AgentRun run) throws IOException {
    if (ran.script().done(Step.Kind.LEAVE).isEmpty()) {
      return notReached(Check.LEFTOVERS);
    }
    List<Integer> alive = afterAll(run, List.of(sleep(1), sleep(2)));
    return alive.isEmpty()
        ? Finding.pass(Check.LEFTOVERS, "", "nothing lives of what a command has left behind")
        : Finding.fail(
            Check.LEFTOVERS, "", "what a command has left behind lives: " + pids(alive), setUp());
  }

  private Finding ownTimeout(Ran ran, AgentRun run) throws IOException {
    Optional<Script.Done> done = ran.script().done(Step.Kind.TIMEOUT);
    if (done.isEmpty()) {
      boolean left = ran.script().done(Step.Kind.DENIED).isPresent();
      return left
          ? Finding.skipped(Check.OWN_TIMEOUT, "", "the agent's tool takes no timeout")
          : notReached(Check.OWN_TIMEOUT);
    }
    List<Integer> alive = afterAll(run, List.of(sleep(3)));
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

  // ---- without Guard

  private Finding latency(Ran ran, LoopbackModel model) throws IOException {
    Optional<Path> program = agent.bareProgram();
    if (times(ran).isEmpty() || program.isEmpty()) {
      return notReached(Check.LATENCY);
    }
    if (ran.script().done(Step.Kind.ID).flatMap(d -> idIn(d.result())).orElse("").isEmpty()) {
      return Finding.skipped(Check.LATENCY, "", "the agent's commands ran bare");
    }
    try (TemporaryHome home = TemporaryHome.make()) {
      home.copy(agent, recipe, model.url(), TemporaryHome.BARE);
      AgentRun run = in(home);
      try {
        Ran without = run(model, run, program.get(), recipe, recipe.words(), timed());
        if (times(without).isEmpty()) {
          return Finding.skipped(Check.LATENCY, "", "without Guard: " + without.problem());
        }
        return Finding.pass(
                Check.LATENCY,
                "",
                String.format(
                    "a command took %d ms with Guard, %d ms without; median of %d",
                    median(times(ran)), median(times(without)), TIMED))
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

  // ---- with the hooks of the user

  private Finding hook(LoopbackModel model, Path program) throws IOException {
    JsonObject hooks = ClaudeHooks.ofCommands(agent.directory().resolve(ClaudeHooks.FILE));
    if (hooks.size() == 0) {
      return Finding.pass(Check.HOOK, "", "no hook of its settings is called before a command");
    }
    try (TemporaryHome home = TemporaryHome.make()) {
      Recipe withHooks = recipe.with(ClaudeHooks.FILE, "hooks", hooks);
      home.copy(agent, withHooks, model.url(), TemporaryHome.AS_SET_UP);
      AgentRun run = in(home);
      try {
        Step asked = id();
        Ran ran = run(model, run, program, withHooks, withHooks.words(), List.of(asked));
        Optional<Script.Done> done = ran.script().done(Step.Kind.ID);
        if (done.isEmpty()) {
          return Finding.skipped(Check.HOOK, "", ran.problem());
        }
        Optional<String> id = idIn(done.get().result());
        Optional<EndedCommand> found = id.isEmpty() ? Optional.empty() : inHistory(home, id.get());
        if (found.isEmpty()) {
          return Finding.skipped(Check.HOOK, "", "with your hooks " + bare(done.get(), id));
        }
        return found.get().argv().stream().anyMatch(w -> w.toString().contains(asked.command()))
            ? Finding.pass(Check.HOOK, "", "your hooks leave a command as it was asked for")
            : Finding.caution(Check.HOOK, "", ClaudeHooks.REWRITES, ClaudeHooks.REMEDY);
      } finally {
        run.killAll(List.of());
      }
    }
  }

  // ---- in the agent's sandbox

  private Finding inSandbox(LoopbackModel model, Path program, String mode) throws IOException {
    try (TemporaryHome home = TemporaryHome.make()) {
      home.copy(agent, recipe, model.url(), TemporaryHome.AS_SET_UP);
      home.copyGuardSettings(userHome, environment);
      AgentRun run = in(home);
      try {
        List<String> words = recipe.sandboxes().get(mode);
        Ran ran = run(model, run, program, recipe, words, List.of(id()));
        Optional<Script.Done> done = ran.script().done(Step.Kind.ID);
        if (done.isEmpty()) {
          return Finding.skipped(Check.SANDBOX, mode, ran.problem());
        }
        Optional<String> id = idIn(done.get().result());
        Optional<EndedCommand> found = id.isEmpty() ? Optional.empty() : inHistory(home, id.get());
        return found.isEmpty()
            ? Finding.caution(
                Check.SANDBOX,
                mode,
                bare(done.get(), id),
                new Remedy.Advice(
                    "In this mode start all of the agent as one command: guard exec --timeout 0 -- "
                        + agent.name()))
            : Finding.pass(
                Check.SANDBOX, mode, "it ran as command " + id.get() + degraded(found.get()));
      } finally {
        run.killAll(List.of());
      }
    }
  }

  private static String degraded(EndedCommand command) {
    List<String> names =
        receipt(command).stream()
            .filter(f -> f.status() == Finding.Verdict.CAUTION)
            .map(Finding::subject)
            .toList();
    return names.isEmpty() ? "" : "; degraded: " + String.join(", ", names);
  }
}
