package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.cli.exec.ExecOption;
import dev.guard.config.Setting;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** Checks that the manual pages name the options that the program has. One test needs groff. */
class ManualPagesTest {
  @Test
  void execHasAnEntryForExactlyTheOptionsThereAre() {
    Set<String> existing =
        ExecOption.ALL.stream()
            .map(ExecOption::name)
            .collect(Collectors.toCollection(TreeSet::new));
    ExecOption.ALL.stream()
        .map(ExecOption::letter)
        .filter(l -> !l.isEmpty())
        .forEach(existing::add);
    assertThat(options("guard-exec.1")).isEqualTo(existing);
  }

  /** The options that a page has an entry for. */
  private static Set<String> options(String page) {
    Set<String> documented = new TreeSet<>();
    String options = section(Documents.manual(page), "OPTIONS");
    Matcher entry = Pattern.compile("(?m)^\\.TP\n\\.[A-Z]+ (.*)$").matcher(options);
    while (entry.find()) {
      Matcher name = Pattern.compile("(?<![a-z-])--?[a-zA-Z][a-z-]*").matcher(entry.group(1));
      name.results().forEach(n -> documented.add(n.group()));
    }
    return documented;
  }

  @Test
  void execNamesTheArgumentOfEveryOption() {
    String page = Documents.manual("guard-exec.1").replaceAll("[\" ]+", " ");

    assertThat(ExecOption.ALL)
        .filteredOn(ExecOption::takesArgument)
        .allSatisfy(o -> assertThat(page).contains(o.name() + " " + o.argument()));
  }

  @Test
  void guardNamesEverySubcommand() {
    assertThat(TestCommandLine.guard().getSubcommands().keySet())
        .contains("exec", "config", "completion")
        .allSatisfy(name -> assertThat(Documents.manual("guard.1")).contains(".TP\n.B " + name));
  }

  @Test
  void theCommandsPageHasExactlyTheOptionsThereAre() {
    Set<String> existing = new TreeSet<>();
    for (String name :
        List.of("ps", "logs", "wait", "stop", "kill", "rm", "reap", "history", "why")) {
      TestCommandLine.guard()
          .getSubcommands()
          .get(name)
          .getCommandSpec()
          .options()
          .forEach(o -> existing.addAll(List.of(o.names())));
    }

    assertThat(options("guard-commands.1")).isEqualTo(existing);
  }

  @Test
  void thePagesOfTheOthersHaveExactlyTheirOptions() {
    Set<String> ofSession = new TreeSet<>(Set.of(ExecOption.SHARED_SERVER));
    CommandLine session = TestCommandLine.guard().getSubcommands().get("session");
    for (String name : List.of("list", "status", "attach", "stop")) {
      ofSession.addAll(options(session.getSubcommands().get(name)));
    }
    assertThat(options("guard-session.1")).isEqualTo(ofSession);
    assertThat(options("guard-doctor.1"))
        .isEqualTo(options(TestCommandLine.guard().getSubcommands().get("doctor")));
    assertThat(options("guard-setup.1"))
        .isEqualTo(options(TestCommandLine.guard().getSubcommands().get("setup")));
    Set<String> ofGateway = new TreeSet<>();
    CommandLine gateway = TestCommandLine.guard().getSubcommands().get("gateway");
    gateway.getSubcommands().values().forEach(c -> ofGateway.addAll(options(c)));
    assertThat(options("guard-gateway.1")).isEqualTo(ofGateway);
  }

  private static Set<String> options(CommandLine command) {
    Set<String> names = new TreeSet<>();
    command.getCommandSpec().options().forEach(o -> names.addAll(List.of(o.names())));
    return names;
  }

  @Test
  void configNamesEverySettingAndItsVariable() {
    String page = Documents.manual("guard-config.1");

    assertThat(Setting.values())
        .allSatisfy(s -> assertThat(page).contains(s.path() + "\t" + s.variable() + "\t"));
  }

  @Needs("groff")
  @ParameterizedTest
  @ValueSource(
      strings = {
        "guard.1",
        "guard-exec.1",
        "guard-commands.1",
        "guard-session.1",
        "guard-doctor.1",
        "guard-gateway.1",
        "guard-shell.1",
        "guard-setup.1",
        "guard-config.1"
      })
  void groffHasNothingToSay(String page) throws IOException {
    String file = Documents.ROOT.resolve("docs/man/" + page).toString();
    Process groff =
        new ProcessBuilder("groff", "-t", "-man", "-ww", "-z", "-Tutf8", file)
            .redirectErrorStream(true)
            .start();

    assertThat(new String(groff.getInputStream().readAllBytes(), StandardCharsets.UTF_8)).isEmpty();
  }

  private static String section(String page, String title) {
    int start = page.indexOf("\n.SH " + title + "\n");
    return page.substring(start, page.indexOf("\n.SH ", start + 1));
  }
}
