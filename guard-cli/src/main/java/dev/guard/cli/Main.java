package dev.guard.cli;

import dev.guard.cli.gateway.PrivateGateway;
import dev.guard.cli.session.EndedSession;
import dev.guard.cli.session.RunSession;
import dev.guard.cli.session.StartSession;
import dev.guard.cli.shared.ExitCode;
import dev.guard.cli.shared.Invocation;
import dev.guard.cli.shared.Messages;
import dev.guard.os.Kernel;
import java.io.IOException;

/** Starts the {@code guard} command. */
public final class Main {
  private Main() {}

  /** Runs one subcommand and ends the JVM with its exit status. */
  public static void main(String[] args) {
    int code;
    try {
      Invocation invocation = Invocation.ofThisProcess(args.length);
      code = run(Kernel.system(), invocation);
    } catch (Throwable e) {
      // Every throwable is caught, also one that nobody declared: any output but one line and 125
      // would be taken for the command's own.
      Messages.print(Messages.of(e));
      code = ExitCode.GUARD_ERROR;
    }
    if (System.out.checkError() && code == 0) {
      Messages.print("not all of the output could be written");
      code = ExitCode.GUARD_ERROR;
    }
    // No shutdown hooks are ours; halt saves their time.
    Runtime.getRuntime().halt(code);
  }

  /**
   * Chooses how guard goes on: commands that take the bytes of a command are parsed without a
   * library.
   */
  private static int run(Kernel kernel, Invocation invocation) throws IOException {
    if (invocation.begins("gateway", "private")) {
      return PrivateGateway.run(kernel);
    }
    if (invocation.begins("exec")) {
      throw new IOException("exec: bin/guard serves this; call that, and not Java");
    }
    if (invocation.begins("session", "start")) {
      return StartSession.run(kernel, invocation);
    }
    if (invocation.begins("session", "run")) {
      return RunSession.run(kernel, invocation);
    }
    if (invocation.begins("session", "ended")) {
      return EndedSession.run(kernel, invocation);
    }
    return CommandLineTools.run(kernel, invocation);
  }
}
