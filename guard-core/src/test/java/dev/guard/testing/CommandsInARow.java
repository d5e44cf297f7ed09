package dev.guard.testing;

import dev.guard.CommandRequest;
import dev.guard.CommandResult;
import dev.guard.config.Setting;
import dev.guard.exec.Guard;
import java.util.Map;

/** A program with a Guard that runs as many commands as it is told, one after the other. */
public final class CommandsInARow {
  private CommandsInARow() {}

  /** Arguments: the budget, and how many commands. */
  public static void main(String[] args) throws Exception {
    try (Guard guard = Guard.with(Commands.config(Map.of(Setting.BUDGET, args[0])))) {
      for (int i = 0; i < Integer.parseInt(args[1]); i++) {
        CommandResult result = guard.run(CommandRequest.of("true").capturing(0));
        if (result.exitCode() != 0 || !result.notes().isEmpty()) {
          throw new AssertionError(i + ": " + result);
        }
      }
    }
  }
}
