package dev.guard.cli;

import dev.guard.os.Kernel;
import dev.guard.os.OsException;
import dev.guard.os.OsString;
import java.nio.charset.StandardCharsets;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** Everything but {@code exec}, by picocli. */
@Command(
    name = "guard",
    mixinStandardHelpOptions = true,
    versionProvider = CommandLineTools.Version.class,
    description = "Runs commands inside limits that the kernel enforces.",
    subcommands = {
      PsCommand.class,
      LogsCommand.class,
      WaitCommand.class,
      EndCommands.Stop.class,
      EndCommands.Kill.class,
      EndCommands.Remove.class,
      ReapCommand.class,
      HistoryCommand.class,
      SessionCommands.class,
      DoctorCommand.class,
      ConfigCommand.class,
      TrustCommand.class,
      CompletionCommand.class,
      CommandLine.HelpCommand.class
    },
    synopsisSubcommandLabel = "COMMAND")
final class CommandLineTools {
  /** The version of the jar. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = CommandLineTools.class.getPackage().getImplementationVersion();
      return new String[] {"guard " + (version == null ? "(not packaged)" : version)};
    }
  }

  private CommandLineTools() {}

  static int run(Kernel kernel, Invocation invocation) throws OsException {
    StandardOutput output = StandardOutput.install(kernel.os());
    return output.exitStatus(execute(kernel, invocation), invocation.ignoredSignals());
  }

  private static int execute(Kernel kernel, Invocation invocation) {
    CommandLine line = commandLine(kernel, invocation);
    List<String> arguments =
        invocation.arguments().stream().map(CommandLineTools::toCharacters).toList();
    if (arguments.isEmpty()) {
      line.usage(System.err);
      return ExitCode.GUARD_ERROR;
    }
    return line.execute(arguments.toArray(String[]::new));
  }

  /** One character for each byte, so that picocli loses none; {@link #toBytes} undoes it. */
  private static String toCharacters(OsString argument) {
    return new String(argument.bytes(), StandardCharsets.ISO_8859_1);
  }

  private static OsString toBytes(String argument) {
    return OsString.ofBytes(argument.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** The whole command line, also for completion and the manual pages. */
  static CommandLine commandLine(Kernel kernel, Invocation invocation) {
    CommandLine line =
        new CommandLine(
            new CommandLineTools(),
            new CommandLine.IFactory() {
              @Override
              public <K> K create(Class<K> type) throws Exception {
                Settings settings = new Settings(kernel, invocation);
                if (type == ConfigCommand.class) {
                  return type.cast(new ConfigCommand(settings));
                }
                if (type == TrustCommand.class) {
                  return type.cast(new TrustCommand(settings));
                }
                if (type == EndCommands.Stop.class) {
                  return type.cast(new EndCommands.Stop(settings));
                }
                if (type == DoctorCommand.class) {
                  return type.cast(new DoctorCommand(settings));
                }
                if (type == SessionCommands.ListThem.class) {
                  return type.cast(new SessionCommands.ListThem(settings));
                }
                if (type == SessionCommands.Status.class) {
                  return type.cast(new SessionCommands.Status(settings));
                }
                if (type == SessionCommands.Attach.class) {
                  return type.cast(new SessionCommands.Attach(settings));
                }
                if (type == SessionCommands.Stop.class) {
                  return type.cast(new SessionCommands.Stop(settings));
                }
                if (type == ReapCommand.class) {
                  return type.cast(new ReapCommand(settings));
                }
                return CommandLine.defaultFactory().create(type);
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
    line.setCaseInsensitiveEnumValuesAllowed(true);
    // A word that begins with @ is a word, and no file with more of them.
    line.setExpandAtFiles(false);
    line.registerConverter(OsString.class, CommandLineTools::toBytes);
    line.setParameterExceptionHandler(
        (e, args) -> {
          String text = Texts.shown(toBytes(e.getMessage()).toString());
          String of = e.getCommandLine().getCommandSpec().qualifiedName();
          Messages.print(text + "; see " + of + " --help");
          return ExitCode.GUARD_ERROR;
        });
    line.setExecutionExceptionHandler(
        (e, l, parsed) -> {
          Messages.print(Messages.of(e));
          return ExitCode.GUARD_ERROR;
        });
    return line;
  }

  /**
   * Options from their one table, for completion and help; {@link ExecArguments} is what parses
   * them.
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
