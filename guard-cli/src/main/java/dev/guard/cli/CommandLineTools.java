package dev.guard.cli;

import dev.guard.cli.commands.EndCommands;
import dev.guard.cli.commands.HistoryCommand;
import dev.guard.cli.commands.LogsCommand;
import dev.guard.cli.commands.PsCommand;
import dev.guard.cli.commands.ReapCommand;
import dev.guard.cli.commands.WaitCommand;
import dev.guard.cli.commands.WhyCommand;
import dev.guard.cli.doctor.DoctorCommand;
import dev.guard.cli.exec.ExecOption;
import dev.guard.cli.gateway.GatewayCommands;
import dev.guard.cli.gateway.GatewayStatus;
import dev.guard.cli.gateway.RunGateway;
import dev.guard.cli.session.SessionCommands;
import dev.guard.cli.session.StopSession;
import dev.guard.cli.settings.ConfigCommand;
import dev.guard.cli.settings.TrustCommand;
import dev.guard.cli.setup.SetupCommand;
import dev.guard.cli.shared.Asker;
import dev.guard.cli.shared.ExitCode;
import dev.guard.cli.shared.Installation;
import dev.guard.cli.shared.Invocation;
import dev.guard.cli.shared.Messages;
import dev.guard.cli.shared.Output;
import dev.guard.cli.shared.Settings;
import dev.guard.cli.shared.Texts;
import dev.guard.os.Kernel;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.OsString;
import dev.guard.os.SignalCalls;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** Parses and runs by picocli every command but {@code exec}, whose start that would slow down. */
@Command(
    name = "guard",
    mixinStandardHelpOptions = true,
    versionProvider = CommandLineTools.Version.class,
    description = "Runs commands inside limits that the kernel enforces.",
    subcommands = {
      PsCommand.class,
      LogsCommand.class,
      WaitCommand.class,
      EndCommands.StopCommand.class,
      EndCommands.KillCommand.class,
      EndCommands.RemoveCommand.class,
      ReapCommand.class,
      HistoryCommand.class,
      WhyCommand.class,
      SessionCommands.class,
      DoctorCommand.class,
      GatewayCommands.class,
      ConfigCommand.class,
      TrustCommand.class,
      SetupCommand.class,
      CompletionCommand.class,
      CommandLine.HelpCommand.class
    },
    synopsisSubcommandLabel = "COMMAND")
final class CommandLineTools {
  /** Reads the version of the jar. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"guard " + Installation.version()};
    }
  }

  /** Names the calls that look at commands or end them; a gateway answers them, too. */
  static final Map<String, Class<?>> OF_COMMANDS =
      Map.of(
          "ps", PsCommand.class,
          "logs", LogsCommand.class,
          "wait", WaitCommand.class,
          "stop", EndCommands.StopCommand.class,
          "kill", EndCommands.KillCommand.class,
          "rm", EndCommands.RemoveCommand.class,
          "history", HistoryCommand.class,
          "why", WhyCommand.class);

  private static final Map<Class<?>, Function<Settings, Object>> WITH_SETTINGS =
      Map.ofEntries(
          Map.entry(PsCommand.class, PsCommand::new),
          Map.entry(LogsCommand.class, LogsCommand::new),
          Map.entry(WaitCommand.class, WaitCommand::new),
          Map.entry(EndCommands.StopCommand.class, EndCommands.StopCommand::new),
          Map.entry(EndCommands.KillCommand.class, EndCommands.KillCommand::new),
          Map.entry(EndCommands.RemoveCommand.class, EndCommands.RemoveCommand::new),
          Map.entry(HistoryCommand.class, HistoryCommand::new),
          Map.entry(WhyCommand.class, WhyCommand::new),
          Map.entry(ConfigCommand.class, ConfigCommand::new),
          Map.entry(TrustCommand.class, TrustCommand::new),
          Map.entry(SetupCommand.class, SetupCommand::new),
          Map.entry(DoctorCommand.class, DoctorCommand::new),
          Map.entry(RunGateway.class, s -> new RunGateway(s, GatewayAnswers::new)),
          Map.entry(GatewayStatus.class, GatewayStatus::new),
          Map.entry(SessionCommands.ListSessions.class, SessionCommands.ListSessions::new),
          Map.entry(SessionCommands.SessionStatus.class, SessionCommands.SessionStatus::new),
          Map.entry(SessionCommands.AttachSession.class, SessionCommands.AttachSession::new),
          Map.entry(StopSession.class, StopSession::new),
          Map.entry(ReapCommand.class, ReapCommand::new));

  private CommandLineTools() {}

  /** Answers a call of this process; where nobody reads what it prints, it dies of PIPE here. */
  static int run(Kernel kernel, Invocation invocation) throws OsException {
    Os os = kernel.os();
    Settings settings = new Settings(kernel, invocation, Asker.ofThisProcess(os));
    System.setOut(settings.output().standard());
    Output.End end = settings.output().end(execute(settings), invocation.ignoredSignals());
    if (end.signal() != 0) {
      os.setSignal(end.signal(), SignalCalls.Disposition.DEFAULT);
      os.raise(end.signal());
    }
    return end.status();
  }

  /** Answers a call for whoever asks, and its exit status. */
  static int execute(Settings settings) {
    List<String> arguments =
        settings.invocation().arguments().stream().map(CommandLineTools::toCharacters).toList();
    if (arguments.isEmpty()) {
      commandLine(settings).usage(System.err);
      return ExitCode.GUARD_ERROR;
    }
    // All others would be looked at for nothing, which takes longer than the call itself.
    Class<?> command = OF_COMMANDS.get(arguments.get(0));
    CommandLine line = command == null ? commandLine(settings) : only(command, settings);
    return line.execute(arguments.toArray(String[]::new));
  }

  /** Makes one character of each byte, so that picocli loses none; {@link #toBytes} undoes it. */
  private static String toCharacters(OsString argument) {
    return new String(argument.bytes(), StandardCharsets.ISO_8859_1);
  }

  private static OsString toBytes(String argument) {
    return OsString.ofBytes(argument.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Answers the whole command line, also for completion and the manual pages. */
  static CommandLine commandLine(Settings settings) {
    CommandLine line =
        new CommandLine(
            new CommandLineTools(),
            new CommandLine.IFactory() {
              @Override
              public <K> K create(Class<K> type) throws Exception {
                return WITH_SETTINGS.containsKey(type)
                    ? type.cast(command(type, settings))
                    : CommandLine.defaultFactory().create(type);
              }
            });
    line.addSubcommand(
        "exec",
        taking(
            "exec",
            "Runs a command inside limits, ends it on time, and leaves nothing of it behind.",
            ExecOption.ALL));
    line.getSubcommands()
        .get("session")
        .addSubcommand(
            "start",
            taking(
                "start",
                "Starts one: guard session start NAME [OPTION]... -- COMMAND [ARGUMENT]...",
                ExecOption.OF_SESSION));
    configure(line, settings);
    return line;
  }

  private static Object command(Class<?> type, Settings settings) {
    return WITH_SETTINGS.get(type).apply(settings);
  }

  /** Answers a command line that knows one of {@link #OF_COMMANDS} alone. */
  private static CommandLine only(Class<?> type, Settings settings) {
    CommandLine line = new CommandLine(CommandSpec.create().name("guard"));
    line.addSubcommand(command(type, settings));
    configure(line, settings);
    return line;
  }

  private static void configure(CommandLine line, Settings settings) {
    line.setOut(new PrintWriter(settings.output().standard(), true, StandardCharsets.UTF_8));
    line.setCaseInsensitiveEnumValuesAllowed(true);
    // A word that begins with @ stands for itself, and not for a file with more words.
    line.setExpandAtFiles(false);
    line.registerConverter(OsString.class, CommandLineTools::toBytes);
    line.setParameterExceptionHandler(
        (e, args) -> {
          String text = Texts.shown(toBytes(e.getMessage()).toString());
          String of = e.getCommandLine().getCommandSpec().qualifiedName();
          settings.output().say(text + "; see " + of + " --help");
          return ExitCode.GUARD_ERROR;
        });
    line.setExecutionExceptionHandler(
        (e, l, parsed) -> {
          settings.output().say(Messages.of(e));
          return ExitCode.GUARD_ERROR;
        });
  }

  /**
   * Describes a command by its one table of options, for completion and help; {@link
   * dev.guard.cli.exec.ExecArguments} parses them.
   */
  private static CommandSpec taking(String name, String description, List<ExecOption> options) {
    CommandSpec spec = CommandSpec.create().name(name);
    spec.usageMessage().description(description);
    for (ExecOption o : options) {
      OptionSpec.Builder option = OptionSpec.builder(o.name()).description(o.help());
      if (!o.letter().isEmpty()) {
        option = OptionSpec.builder(o.name(), o.letter()).description(o.help());
      }
      if (o.takesArgument()) {
        option.paramLabel(o.argument().replaceAll("[\\[\\]=]", "")).type(String.class);
        option.arity(o.mayTakeArgument() ? "0..1" : "1");
      } else {
        option.type(boolean.class);
      }
      spec.addOption(option.build());
    }
    spec.addPositional(
        PositionalParamSpec.builder()
            .paramLabel("COMMAND")
            .arity("1..*")
            .type(List.class)
            .auxiliaryTypes(String.class)
            .build());
    return spec;
  }
}
