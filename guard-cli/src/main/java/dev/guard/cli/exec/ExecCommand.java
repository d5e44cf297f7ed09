package dev.guard.cli.exec;

import dev.guard.cli.shared.ExitCode;
import dev.guard.cli.shared.Invocation;
import dev.guard.cli.shared.Messages;
import dev.guard.os.Os;
import dev.guard.value.Result;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * {@code guard exec} reads its arguments, runs the command and tells how it ended. This path is run
 * for every command, so it loads no more than it needs.
 */
public final class ExecCommand {
  private ExecCommand() {}

  /**
   * Runs the command and answers the exit status; if a signal ended the command, this process may
   * die of it here.
   */
  public static int run(Os os, Invocation invocation) throws IOException {
    return run(os, invocation, ExecWitness.NONE);
  }

  /** Runs the command as {@link #run(Os, Invocation)} does, and tells a witness how it goes. */
  public static int run(Os os, Invocation invocation, ExecWitness witness) throws IOException {
    ExecArguments arguments =
        ExecArguments.parse(invocation.arguments().subList(1, invocation.arguments().size()));
    if (arguments.has("--help")) {
      System.out.print(ExecHelp.exec());
      System.out.flush();
      return 0;
    }
    if (DetachedGuard.isThis()) {
      DetachedGuard.sayStarted();
    }
    ExecRequestReader reader = new ExecRequestReader(os, invocation, arguments);
    Optional<ExecRequest> request = reader.read();
    if (witness == ExecWitness.NONE && !DetachedGuard.isThis()) {
      // The caller of the first guard of a detached command or a session was told by that one.
      reader.notices().forEach(Messages::print);
    }
    boolean hands = arguments.has(ExecOption.DETACH) && !DetachedGuard.isThis();
    Optional<ReportFile> report =
        request.isPresent() && !hands ? reader.openReport() : Optional.empty();
    if (!reader.problems().isEmpty()) {
      return refuse(reader.problems(), witness);
    }
    if (hands) {
      return new Detacher(os, reader.isToldOnTerminal(), invocation.ignoredSignals()).start();
    }
    ExecRun run = new ExecRun(os, invocation, request.orElseThrow(), witness);
    Result result = DetachedGuard.isThis() ? run.detached() : run.attached();
    ExecOutcome outcome = new ExecOutcome(os, result, request.orElseThrow());
    int code = outcome.tell(report);
    if (!run.hasRun()) {
      witness.notRun(code, result.outcome().messages());
    }
    witness.ended();
    outcome.dieOfSignal(run.signals());
    return code;
  }

  private static int refuse(List<String> problems, ExecWitness witness) {
    problems.forEach(Messages::print);
    witness.notRun(ExitCode.GUARD_ERROR, problems);
    return ExitCode.GUARD_ERROR;
  }
}
