package dev.guard.cli;

import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code guard completion} prints a script for bash. */
@Command(
    name = "completion",
    description = "Prints a completion script for bash: source <(guard completion)",
    mixinStandardHelpOptions = true)
final class CompletionCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    System.out.print(AutoComplete.bash("guard", spec.root().commandLine()));
  }
}
