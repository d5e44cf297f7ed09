package dev.guard.cli.commands;

import dev.guard.Cause;
import dev.guard.cli.shared.ExitCode;
import dev.guard.cli.shared.Settings;
import dev.guard.cli.shared.Texts;
import dev.guard.command.Commands;
import dev.guard.record.EndedCommand;
import dev.guard.record.HistoryReader;
import dev.guard.value.Request;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code guard history} lists commands that have ended. */
@Command(
    name = "history",
    description = "Lists commands that have ended, the last one last.",
    mixinStandardHelpOptions = true)
public final class HistoryCommand implements Callable<Integer> {
  private static final List<String> HEAD =
      List.of("ENDED", "ID", "NAME", "BUDGET", "CAUSE", "EXIT", "COMMAND");
  private static final int BEFORE_AGENTS = 4;
  private static final int AT_ONCE = 65_536;
  private static final Pattern AGO = Pattern.compile("(\\d{1,6})([smhd])");
  private static final String TIME =
      " A time such as 2026-11-22, 2026-11-22T14:30 or 2026-11-22T14:30:00Z, or how long ago: 90s, 15m, 6h, 7d.";

  private final Settings settings;

  @Spec private CommandSpec spec;

  @Option(names = "--budget", paramLabel = "NAME", description = "Only those of this budget.")
  private String budget;

  @Option(
      names = "--cause",
      paramLabel = "CAUSE",
      description = "Only those that ended for this cause, as in the report.")
  private String cause;

  @Option(
      names = "--since",
      paramLabel = "TIME",
      description = "Only those that ended at this time or later." + TIME)
  private String since;

  @Option(
      names = "--until",
      paramLabel = "TIME",
      description = "Only those that ended before this time.")
  private String until;

  @Option(names = "--json", description = "The reports themselves, one JSON object on each line.")
  private boolean json;

  private final Instant now = Instant.now();

  /** Lists them for whoever asks. */
  public HistoryCommand(Settings settings) {
    this.settings = settings;
  }

  @Override
  public Integer call() throws IOException {
    List<String> causes = Arrays.stream(Cause.values()).map(Cause::text).toList();
    if (cause != null && !causes.contains(cause)) {
      throw new ParameterException(
          spec.commandLine(), "--cause: " + cause + " is none of " + String.join(", ", causes));
    }
    if (budget != null && !Request.isName(budget)) {
      throw new ParameterException(
          spec.commandLine(), "--budget: " + budget + " is no name of a budget; correct it");
    }
    Instant from = since == null ? Instant.MIN : time("--since", since);
    Instant to = until == null ? Instant.MAX : time("--until", until);
    if (from.isAfter(to)) {
      throw new ParameterException(
          spec.commandLine(), "--since: " + since + " is later than --until; nothing is between");
    }
    Predicate<EndedCommand> asked =
        e ->
            (budget == null || e.budget().equals(budget))
                && (cause == null || e.cause().equals(cause))
                && !e.ended().isBefore(from)
                && e.ended().isBefore(to);
    try (HistoryReader history = Commands.history()) {
      if (json) {
        print(history, asked, e -> e.json() + "\n");
      } else {
        table(history, asked);
      }
      // The files that can be read are shown, also where one can not.
      history.problem().ifPresent(p -> settings.output().say(p.getMessage()));
      return history.problem().isPresent() ? ExitCode.GUARD_ERROR : 0;
    }
  }

  /** Reads the history twice, since all rows together may be more than there is memory for. */
  private void table(HistoryReader history, Predicate<EndedCommand> asked) throws IOException {
    AgentColumns all = new AgentColumns(BEFORE_AGENTS, true);
    int[] widest = new int[all.head(HEAD).size()];
    Texts.widen(widest, all.head(HEAD));
    AtomicBoolean ofAgents = new AtomicBoolean();
    history.read(
        "",
        e -> {
          if (asked.test(e)) {
            Texts.widen(widest, all.row(row(e, ""), e.labels()));
            ofAgents.compareAndSet(false, e.labels().agent().isPresent());
          }
          return true;
        });
    AgentColumns agents = new AgentColumns(BEFORE_AGENTS, ofAgents.get());
    int[] widths = agents.widths(widest);
    settings.output().print(Texts.line(widths, agents.head(HEAD)));
    print(
        history,
        asked,
        e -> Texts.line(widths, agents.row(row(e, Texts.command(e.argv())), e.labels())));
  }

  /** Prints the commands one after the other, until nobody takes the output any more. */
  private void print(
      HistoryReader history, Predicate<EndedCommand> asked, Function<EndedCommand, String> text)
      throws IOException {
    ByteArrayOutputStream some = new ByteArrayOutputStream();
    history.read(
        "",
        e -> {
          if (asked.test(e)) {
            some.writeBytes(text.apply(e).getBytes(StandardCharsets.UTF_8));
          }
          return some.size() < AT_ONCE || isTaken(some);
        });
    isTaken(some);
  }

  private boolean isTaken(ByteArrayOutputStream some) {
    settings.output().standard().writeBytes(some.toByteArray());
    some.reset();
    return settings.output().isHeard();
  }

  private Instant time(String option, String text) {
    Matcher ago = AGO.matcher(text);
    if (ago.matches()) {
      long number = Long.parseLong(ago.group(1));
      return now.minus(
          switch (ago.group(2)) {
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            default -> Duration.ofDays(number);
          });
    }
    ZoneId zone = settings.asker().zone();
    try {
      if (text.length() == "2026-11-22".length()) {
        return LocalDate.parse(text).atStartOfDay(zone).toInstant();
      }
      return text.matches(".*T.*(Z|[+-]\\d\\d:?\\d\\d)")
          ? OffsetDateTime.parse(text).toInstant()
          : LocalDateTime.parse(text).atZone(zone).toInstant();
    } catch (DateTimeException e) {
      throw new ParameterException(
          spec.commandLine(), option + ": " + text + " is no time." + TIME, e);
    }
  }

  private List<String> row(EndedCommand e, String command) {
    return List.of(
        Texts.moment(e.ended(), settings.asker().zone()),
        e.id(),
        e.name().orElse("-"),
        e.budget(),
        e.cause(),
        Integer.toString(e.exitCode()),
        command);
  }
}
