package dev.guard.cli;

import java.io.IOException;

/** The {@code guard} command. */
public final class Main {
  private Main() {}

  /** Runs one subcommand and ends the JVM with its exit status. */
  public static void main(String[] args) {
    int code;
    try {
      Invocation invocation = Invocation.ofThisProcess(args.length);
      code = run(invocation);
    } catch (Throwable e) {
      // Also one that is no Error and that nobody declared: anything else than one line and 125
      // would be taken for the command's own.
      Messages.print(Messages.of(e));
      code = ExitCode.GUARD_ERROR;
    }
    System.out.flush();
    // No shutdown hooks are ours; halt saves their time.
    Runtime.getRuntime().halt(code);
  }

  /** What takes the bytes of a command is parsed without a library. */
  private static int run(Invocation invocation) throws IOException {
    if (invocation.begins("exec")) {
      return ExecCommand.run(invocation);
    }
    if (invocation.begins("session", "start")) {
      return StartSession.run(invocation);
    }
    if (invocation.begins("session", "run")) {
      return RunSession.run(invocation);
    }
    return CommandLineTools.run(invocation);
  }
}
