package dev.guard.cli.exec;

import dev.guard.cli.shared.ExitCode;
import dev.guard.cli.shared.Messages;
import dev.guard.cli.shared.References;
import dev.guard.command.Commands;
import dev.guard.command.OutlivingScope;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.OsString;
import dev.guard.os.Procfs;
import dev.guard.os.Signals;
import dev.guard.os.StartedProgram;
import dev.guard.os.WaitStatus;
import dev.guard.record.CommandRecord;
import dev.guard.systemd.Scope;
import dev.guard.systemd.ScopePlan;
import dev.guard.systemd.ScopeStart;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Detaches a command ({@code --detach}): starts this guard once more, in a session and where there
 * is a service manager in a scope of its own, and waits until its command runs.
 *
 * <p>The second guard says on its standard output that it has been started, and then the command's
 * id; on its standard error it says what guard always says. When the first has written the id to
 * where its caller reads it, it says so on the second one's standard input and ends. If that ends
 * without a word, nobody knows the id, and the command is ended.
 */
final class Detacher {
  private static final byte[] TOLD = {'\n'};
  private static final Duration START_PATIENCE = Duration.ofSeconds(30);

  private final Os os;
  private final long ignoredSignals;
  private final boolean tells;

  /**
   * Detaches one command.
   *
   * @param tells whether standard error is a terminal, so that a person can be told how the command
   *     waits
   * @param ignoredSignals bit n-1: the caller had signal n ignored
   */
  Detacher(Os os, boolean tells, long ignoredSignals) {
    this.os = os;
    this.tells = tells;
    this.ignoredSignals = ignoredSignals;
  }

  /** Starts the second guard, and answers the exit status of the first. */
  int start() throws IOException {
    Procfs procfs = Procfs.system();
    List<OsString> argv = commandLine(procfs.arguments(os.pid()).orElseThrow());
    List<OsString> environment = procfs.environment(os.pid()).orElseThrow();
    ScopePlan plan = OutlivingScope.of();
    String problem = plan.problem();
    if (plan.scope().isPresent()) {
      Scope scope = plan.scope().get();
      List<OsString> inScope = new ArrayList<>(scope.words());
      inScope.addAll(argv);
      Started started = new Started(inScope, scope.addedTo(environment));
      Optional<ScopeStart.Failure> failure = started.failure(scope);
      if (failure.isEmpty()) {
        return started.exitStatus();
      }
      problem = failure.get().problem();
    }
    Messages.print(OutlivingScope.without(problem));
    return new Started(argv, environment).exitStatus();
  }

  /** Answers the words that this JVM was started with, but for what is true of this one only. */
  private List<OsString> commandLine(List<OsString> own) throws OsException {
    List<OsString> words = new ArrayList<>();
    words.add(os.realPath(OsString.of("/proc/self/exe")));
    words.add(OsString.of("-D" + DetachedGuard.PROPERTY + "=true"));
    words.add(OsString.of("-D" + DetachedGuard.TERMINAL + "=" + tells));
    for (OsString word : own.subList(1, own.size())) {
      String text = word.toString();
      boolean ofThisOne =
          text.startsWith("-Dguard.descriptors=") || text.startsWith("-Dguard.closed=");
      words.add(ofThisOne ? OsString.of(text.substring(0, text.indexOf('=') + 1)) : word);
    }
    return words;
  }

  /** Stands for the second guard, which was started and says something. */
  private final class Started {
    private final StartedProgram child;

    Started(List<OsString> argv, List<OsString> environment) throws OsException {
      child = StartedProgram.startListening(os, argv, environment, ignoredSignals);
    }

    /** Says why there is no second guard in the scope; empty when there is one. */
    Optional<ScopeStart.Failure> failure(Scope scope) throws IOException {
      return ScopeStart.await(os, scope, child, DetachedGuard.STARTED, START_PATIENCE);
    }

    int exitStatus() throws OsException {
      while (!hasId() && child.isOpen()) {
        child.read(-1);
        System.err.writeBytes(child.newErrors());
      }
      // The second guard says its lines about the command before it tells the id.
      while (child.complains() && child.read(0)) {}
      System.err.writeBytes(child.newErrors());
      if (!hasId()) {
        WaitStatus status = child.await();
        if (status.signal() == Signals.KILL) {
          return end("the detached guard was killed, and its command ");
        }
        return status.shellStatus();
      }
      System.out.print(child.output().substring(DetachedGuard.STARTED.length()));
      if (System.out.checkError()) {
        return end("the id could not be written, and the command ");
      }
      child.tell(TOLD);
      return 0;
    }

    /** Ends a command that may run, and that nobody could stop by its id. */
    private int end(String what) {
      try {
        Commands commands = Commands.ofUser(Messages::print);
        for (CommandRecord record : commands.records()) {
          if (record.guard().pid() == child.pid()) {
            References.tell(record.id(), commands.end(record, Duration.ZERO), Messages::print);
          }
        }
        Messages.print(what + "does not run");
      } catch (IOException e) {
        Messages.print(what + "may run: " + e.getMessage() + "; see guard ps");
      }
      return ExitCode.GUARD_ERROR;
    }

    private boolean hasId() {
      String output = child.output();
      return output.startsWith(DetachedGuard.STARTED)
          && output.indexOf('\n', DetachedGuard.STARTED.length()) > 0;
    }
  }
}
