package dev.guard.testing;

import dev.guard.command.CommandRunner;
import java.util.Map;

/** Holds a command and never releases it; says its pid and id. */
public final class HoldsForEver {
  private HoldsForEver() {}

  /** Argument: the file that the command would make. */
  public static void main(String[] args) throws Exception {
    try (CommandRunner guard = CommandRunner.with(TestCommands.config(Map.of()))) {
      guard.run(
          TestCommands.sh("touch $1", args[0])
              .withBeforeRelease(
                  pid -> {
                    System.out.println(pid);
                    Thread.sleep(Long.MAX_VALUE);
                  }));
    }
  }
}
