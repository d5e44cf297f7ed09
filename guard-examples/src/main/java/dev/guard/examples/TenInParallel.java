package dev.guard.examples;

import dev.guard.CommandLimits;
import dev.guard.CommandRequest;
import dev.guard.Guard;
import dev.guard.Output;
import dev.guard.RunningCommand;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Runs ten commands at once, each with its own limits, streams one and cancels another. */
public final class TenInParallel {
  private TenInParallel() {}

  /** Runs them. */
  public static void main(String[] args) throws IOException {
    try (Guard guard = Guard.with(CommandLimits.defaults().rateLimit(100))) {
      List<RunningCommand> commands = new ArrayList<>();
      for (int i = 1; i <= 10; i++) {
        CommandLimits own =
            CommandLimits.defaults()
                .timeout(Duration.ofSeconds(i < 9 ? 20 + i : 2))
                .memoryMax((64L + i) << 20);
        CommandRequest request =
            CommandRequest.of("sh", "-c", "echo command " + i + "; sleep " + (i < 9 ? 0 : 60));
        Output output = i == 1 ? Output.lines(System.out::println) : Output.capture(1000);
        commands.add(guard.start(request.output(output).limits(own)));
      }
      commands.get(9).cancel();
      for (RunningCommand command : commands) {
        var result = command.result().join();
        System.out.println(result.cause() + " " + result.output().text().strip());
        result.layers().forEach(l -> System.out.println("  " + l.name() + " " + l.state()));
      }
    }
  }
}
