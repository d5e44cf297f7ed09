package dev.guard.cli;

import dev.guard.cli.shared.Asker;
import dev.guard.cli.shared.Invocation;
import dev.guard.cli.shared.Settings;
import dev.guard.os.Kernel;
import dev.guard.value.Environment;
import java.util.List;
import picocli.CommandLine;

/** Makes the command line of guard for tests that look at it. */
final class TestCommandLine {
  private TestCommandLine() {}

  static CommandLine guard() {
    return CommandLineTools.commandLine(
        new Settings(
            Kernel.system(),
            new Invocation(List.of(), new Environment(List.of()), List.of(), 0),
            Asker.ofThisProcess(Kernel.system().os())));
  }
}
