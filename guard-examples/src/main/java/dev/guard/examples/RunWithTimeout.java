package dev.guard.examples;

import dev.guard.CommandLimits;
import dev.guard.CommandRequest;
import dev.guard.CommandResult;
import dev.guard.Guard;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** Runs the command in its arguments for at most two seconds and prints what came of it. */
public final class RunWithTimeout {
  private RunWithTimeout() {}

  /** Runs it. */
  public static void main(String[] args) throws IOException, InterruptedException {
    CommandRequest request = CommandRequest.of(List.of(args)).capture(1 << 20);
    try (Guard guard = Guard.with(CommandLimits.defaults().timeout(Duration.ofSeconds(2)))) {
      CommandResult result = guard.run(request);
      System.out.println("exit code: " + result.exitCode());
      System.out.println("output: " + result.output().text().strip());
      System.out.println("cause: " + result.cause().text());
    }
  }
}
