package dev.guard.examples;

import dev.guard.command.CommandRunner;
import dev.guard.config.ConfigException;
import dev.guard.config.GuardConfig;
import dev.guard.config.Setting;
import dev.guard.value.Request;
import dev.guard.value.Result;
import java.io.IOException;
import java.util.Map;

/** Runs the command in its arguments for at most two seconds and prints what came of it. */
public final class RunWithTimeout {
  private RunWithTimeout() {}

  /** Runs it. */
  public static void main(String[] args) throws IOException, ConfigException {
    GuardConfig config = GuardConfig.defaultsWith(Map.of(Setting.TIMEOUT, "2"));
    try (CommandRunner guard = CommandRunner.with(config)) {
      Result result = guard.run(Request.of(args).capturing(1 << 20));
      System.out.println("exit code: " + result.exitCode());
      System.out.println("output: " + result.output().text().strip());
      System.out.println("cause: " + result.outcome().cause().text());
    }
  }
}
