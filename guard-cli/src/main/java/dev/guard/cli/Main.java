package dev.guard.cli;

import dev.guard.os.OsString;
import java.io.IOException;

/** The {@code guard} command. */
public final class Main {
  private Main() {}

  /** Runs one subcommand and ends the JVM with its exit status. */
  public static void main(String[] args) {
    int code;
    try {
      Invocation invocation = Invocation.ofThisProcess(args.length);
      boolean exec = args.length > 0 && invocation.arguments().get(0).equals(OsString.of("exec"));
      code = exec ? ExecCommand.run(invocation) : CommandLineTools.run(invocation);
    } catch (IOException | RuntimeException | LinkageError e) {
      Messages.print(e.getMessage() == null ? e.toString() : e.getMessage());
      code = ExitCode.GUARD_ERROR;
    }
    System.out.flush();
    // No shutdown hooks are ours; halt saves their time.
    Runtime.getRuntime().halt(code);
  }
}
