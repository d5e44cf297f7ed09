package dev.guard.examples;

import dev.guard.CommandLimits;
import dev.guard.CommandRequest;
import dev.guard.CommandResult;
import dev.guard.Guard;
import dev.guard.Input;
import dev.guard.Layer;
import dev.guard.LayerName;
import dev.guard.Output;
import dev.guard.RunningCommand;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/** The pieces of code that docs/library.md quotes. */
final class Pieces {
  private Pieces() {}

  // piece
  static CommandResult limits(Guard guard) throws IOException, InterruptedException {
    CommandLimits limits =
        CommandLimits.defaults()
            .timeout(Duration.ofMinutes(2))
            .memoryMax(512L << 20)
            .cpuMax(1.5)
            .pidsMax(200)
            .require(LayerName.PIDS);
    return guard.run(CommandRequest.of("make", "-j4").limits(limits));
  }

  // piece
  static CommandResult streams(Guard guard) throws IOException, InterruptedException {
    CommandRequest request =
        CommandRequest.of("make", "-j4")
            .directory(Path.of("/src/project"))
            .variable("LANG", "C.UTF-8")
            .input(Input.none())
            .output(Output.lines(line -> System.out.println("make: " + line)))
            .error(Output.append(Path.of("errors.log")));
    return guard.run(request);
  }

  // piece
  static void cancels(Guard guard) throws IOException {
    RunningCommand command = guard.start(CommandRequest.of("make", "-j4").capture(1 << 20));
    command.released().thenAccept(receipt -> System.out.println(command.id() + " runs"));
    command.cancel();
    CommandResult result = command.result().join();
    System.out.println(result.cause());
  }

  // piece
  static CommandResult waits(Guard guard) throws IOException, InterruptedException {
    return guard.run(CommandRequest.of("make", "-j4").queueing(Duration.ofSeconds(30)));
  }

  // piece
  static void receipt(CommandResult result) {
    for (Layer layer : result.layers()) {
      String limit = layer.value().map(v -> v.toString()).orElse("no limit");
      System.out.println(layer.name() + " " + layer.state() + ", " + limit);
    }
  }
}
