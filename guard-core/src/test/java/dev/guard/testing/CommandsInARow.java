package dev.guard.testing;

import dev.guard.command.CommandRunner;
import dev.guard.config.Setting;
import dev.guard.value.Request;
import dev.guard.value.Result;
import java.util.Map;

/** Runs as many commands through a Guard as the program is told, one after the other. */
public final class CommandsInARow {
  private CommandsInARow() {}

  /** Arguments: the budget, and how many commands. */
  public static void main(String[] args) throws Exception {
    try (CommandRunner guard =
        CommandRunner.with(TestCommands.config(Map.of(Setting.BUDGET, args[0])))) {
      for (int i = 0; i < Integer.parseInt(args[1]); i++) {
        Result result = guard.run(Request.of("true").capturing(0));
        if (result.exitCode() != 0 || !result.notes().isEmpty()) {
          throw new AssertionError(i + ": " + result);
        }
      }
    }
  }
}
