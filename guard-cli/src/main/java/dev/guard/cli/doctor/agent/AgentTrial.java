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
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Runs one agent in temporary homes, and reads of Guard's history what its commands have got. */
final class AgentTrial {
  /** How many commands are timed. */
  static final int TIMED = 3;

  private final Kernel kernel;
  private final KnownAgent agent;
  private final Environment environment;
  private final LoopbackModel model;

  /** A number that makes words of commands nobody else's. */
  private final int nonce = 100_000 + new SecureRandom().nextInt(800_000);

  AgentTrial(Kernel kernel, KnownAgent agent, Environment environment, LoopbackModel model) {
    this.kernel = kernel;
    this.agent = agent;
    this.environment = environment;
    this.model = model;
  }

  /** Answers the address at which the agent finds the model. */
  String url() {
    return model.url();
  }

  /** Answers the words of a command that nobody else calls. */
  List<String> sleep(int number) {
    return List.of("sleep", number + "" + nonce);
  }

  /** Runs the agent, and has the model ask for these steps. */
  Ran run(AgentRun run, Path program, Recipe recipe, List<String> words, List<Step> steps) {
    Script script = new Script(steps);
    model.follow(script);
    try {
      ProgramResult result = run.run(program, words, recipe.variables().apply(model.url()));
      return new Ran(script, Optional.of(result), "");
    } catch (IOException e) {
      return new Ran(script, Optional.empty(), e.getMessage());
    }
  }

  /** Makes the surroundings of a run. */
  AgentRun in(TemporaryHome home) {
    return new AgentRun(kernel, environment, home, agent.name() + "-" + nonce);
  }

  /** Asks for the id of the command. */
  Step id() {
    // The sum is not in the command, so the command itself is no proof that it ran.
    return new Step(Step.Kind.ID, "expr " + nonce + " + 1 && echo id=$GUARD_ID");
  }

  /** Has the command leave two processes. */
  Step leave() {
    String quiet = " </dev/null >/dev/null 2>&1 & ";
    String command = "setsid " + words(sleep(1)) + quiet + words(sleep(2)) + quiet + "echo left";
    return new Step(Step.Kind.LEAVE, command);
  }

  static String words(List<String> words) {
    return String.join(" ", words);
  }

  /** Asks for commands that do nothing. */
  static List<Step> timed() {
    return Stream.generate(() -> new Step(Step.Kind.NOTHING, "true")).limit(TIMED).toList();
  }

  /** Says how a command ran of which the history has nothing. */
  static String bare(Script.Done done, Optional<String> id) {
    if (id.filter(i -> !i.isEmpty()).isPresent()) {
      return "GUARD_ID was " + id.get() + ", of which Guard's history has no command";
    }
    return id.isPresent()
        ? "it ran bare: it had no GUARD_ID"
        : "it did not run: " + done.result().replaceAll("(?s)(.{200}).*", "$1...");
  }

  /** Finds the id that a command has printed; an empty one is that of no command. */
  Optional<String> idIn(String result) {
    Matcher printed =
        Pattern.compile(nonce + 1 + "\\s*(?:\\\\n|\\s)\\s*id=([0-9a-f]*)").matcher(result);
    return printed.find() ? Optional.of(printed.group(1)) : Optional.empty();
  }

  /** Finds a command in the history of the temporary home. */
  Optional<EndedCommand> inHistory(TemporaryHome home, String id) throws IOException {
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

  /** Shows each layer of the receipt. */
  static List<Finding> receipt(EndedCommand command) {
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
}
