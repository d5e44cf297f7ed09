package dev.guard.cli.commands;

import com.google.gson.JsonPrimitive;
import com.google.gson.stream.JsonWriter;
import dev.guard.cli.shared.ExitCode;
import dev.guard.cli.shared.Output;
import dev.guard.cli.shared.References;
import dev.guard.cli.shared.Settings;
import dev.guard.cli.shared.Texts;
import dev.guard.command.Commands;
import dev.guard.command.FoundCommand;
import dev.guard.command.LiveCommand;
import dev.guard.os.OsString;
import dev.guard.record.EndedCommand;
import dev.guard.record.HistoryReader;
import java.io.IOException;
import java.io.StringWriter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code guard why} explains why a command ended as it did. */
@Command(
    name = "why",
    description = {
      "Explains why a command ended as it did: which limit, what was used of it, and what to do.",
      "Without COMMAND: the last one that has ended in the working directory."
    },
    mixinStandardHelpOptions = true)
public final class WhyCommand implements Callable<Integer> {
  private final Settings settings;

  @Parameters(
      arity = "0..1",
      paramLabel = "COMMAND",
      description = "An id, the beginning of one, or a name.")
  private String reference;

  @Option(names = "--json", description = "One JSON object, with the command's report in it.")
  private boolean json;

  /** Explains to whoever asks. */
  public WhyCommand(Settings settings) {
    this.settings = settings;
  }

  @Override
  public Integer call() throws IOException {
    return reference == null ? last() : named();
  }

  private int named() throws IOException {
    Output output = settings.output();
    Commands commands = Commands.ofUser(settings.asker().pid(), output::say);
    Optional<List<References.Named>> checked =
        References.checked(commands, List.of(reference), References::known, output);
    if (checked.isEmpty()) {
      return ExitCode.GUARD_ERROR;
    }
    FoundCommand found = checked.get().get(0).found().get();
    if (found.ended().isPresent()) {
      return explain(found.ended().get());
    }
    if (found.live().isPresent()) {
      return live(commands.look(found.live().get()));
    }
    output.say("command " + found.id() + " has ended, and nothing is known of how");
    return ExitCode.GUARD_ERROR;
  }

  private int last() throws IOException {
    Optional<OsString> directory = settings.asker().directory();
    if (directory.isEmpty()) {
      settings.output().say("the working directory was removed; name a command: guard why ID");
      return ExitCode.GUARD_ERROR;
    }
    String text = directory.get().toString();
    EndedCommand[] last = {null};
    try (HistoryReader history = Commands.history()) {
      history.read(
          "\"directory\":" + new JsonPrimitive(text),
          e -> {
            // The words of another command may hold the same text.
            if (new Explanation(e).directory().filter(text::equals).isPresent()) {
              last[0] = e;
            }
            return true;
          });
      history.problem().ifPresent(p -> settings.output().say(p.getMessage()));
    }
    if (last[0] == null) {
      settings
          .output()
          .say(
              "no command has ended in "
                  + Texts.shown(text)
                  + "; guard history lists those of all directories, and guard why ID explains one");
      return ExitCode.GUARD_ERROR;
    }
    return explain(last[0]);
  }

  private int explain(EndedCommand command) {
    Explanation explanation = new Explanation(command);
    settings.output().print(json ? explanation.json() : explanation.text(settings.asker().zone()));
    return 0;
  }

  private int live(LiveCommand live) throws IOException {
    String id = live.record().id();
    String state = live.state().name().toLowerCase(Locale.ROOT);
    if (json) {
      StringWriter text = new StringWriter();
      try (JsonWriter out = new JsonWriter(text)) {
        out.beginObject().name("id").value(id).name("state").value(state).endObject();
      }
      settings.output().print(text + "\n");
      return 0;
    }
    String left =
        live.record()
            .timeLeft()
            .map(t -> ", " + Texts.time(t) + " are left of its time")
            .orElse(", and has no timeout");
    settings
        .output()
        .print(
            "command "
                + id
                + " has not ended: it is "
                + state
                + " for "
                + Texts.time(live.record().age())
                + left
                + "\nguard ps shows it, and guard stop "
                + id
                + " ends it\n");
    return 0;
  }
}
