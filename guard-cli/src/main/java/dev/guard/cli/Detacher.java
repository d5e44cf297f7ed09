package dev.guard.cli;

import dev.guard.exec.Commands;
import dev.guard.exec.Guard;
import dev.guard.exec.RunningCommand;
import dev.guard.exec.limits.Scope;
import dev.guard.exec.limits.ScopePlan;
import dev.guard.exec.record.CommandRecord;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.OsString;
import dev.guard.os.Procfs;
import dev.guard.os.Signals;
import dev.guard.os.SpawnSpec;
import dev.guard.os.SpawnSpec.Descriptor;
import dev.guard.os.WaitStatus;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * {@code --detach}: starts this guard once more, in a session and where there is a service manager
 * in a scope of its own, and waits until its command runs.
 *
 * <p>The second guard says on its standard output that it has been started, and then the command's
 * id; on its standard error it says what guard always says. When the first has the id it ends, and
 * nobody reads either any more.
 */
final class Detacher {
  private static final String PROPERTY = "guard.detached";
  private static final String STARTED = "started\n";
  private static final int START_PATIENCE_MILLIS = 10_000;
  private static final String TERMINAL = "guard.terminal";

  private final Os os;
  private final long ignoredSignals;
  private final boolean tells;

  /**
   * Detaches one command.
   *
   * @param tells whether standard error is a terminal, so that somebody can be told how it waits
   * @param ignoredSignals bit n-1: the caller had signal n ignored
   */
  Detacher(Os os, boolean tells, long ignoredSignals) {
    this.os = os;
    this.tells = tells;
    this.ignoredSignals = ignoredSignals;
  }

  // ---- in the second guard

  /** Whether this guard is the second one. */
  static boolean isDetached() {
    return Boolean.getBoolean(PROPERTY);
  }

  /** Whether the first guard's standard error is a terminal. */
  static boolean hasTerminal() {
    return Boolean.getBoolean(TERMINAL);
  }

  static void sayStarted() {
    System.out.print(STARTED);
    System.out.flush();
  }

  /**
   * From now on the command is cancelled when the first guard has gone before it knows the id:
   * nobody else could stop it.
   */
  static void follow(Os os, RunningCommand command) {
    Thread follower =
        new Thread(
            () -> {
              try {
                // The writing end of a pipe is ready in this sense when nobody can read it any
                // more.
                os.poll(new int[] {1}, -1);
              } catch (OsException e) {
                throw new IllegalStateException(e);
              }
              if (!command.released().isDone()) {
                command.cancel();
              }
            },
            "guard-follows-" + command.id());
    follower.setDaemon(true);
    follower.start();
  }

  /** The command runs. */
  static void tellId(RunningCommand command) {
    System.out.print(command.id() + "\n");
    if (System.out.checkError()) {
      command.cancel();
    }
  }

  // ---- in the first guard

  /** Answers the exit status of the first guard. */
  int start() throws IOException {
    Procfs procfs = Procfs.system();
    List<OsString> argv = commandLine(procfs.arguments(os.pid()).orElseThrow());
    List<OsString> environment = procfs.environment(os.pid()).orElseThrow();
    ScopePlan plan = Guard.outliving();
    String problem = plan.problem();
    if (plan.scope().isPresent()) {
      Scope scope = plan.scope().get();
      List<OsString> inScope = new ArrayList<>(scope.words());
      inScope.addAll(argv);
      List<OsString> entries = new ArrayList<>(environment);
      scope.entries().stream()
          // That one is for the messages of systemd-run, and would change how Java names files.
          .filter(e -> !e.toString().startsWith("LC_ALL="))
          .filter(e -> isMissing(e, environment))
          .forEach(entries::add);
      Started started = new Started(inScope, entries);
      if (started.isGuard()) {
        return started.exitStatus();
      }
      problem = started.complaint();
    }
    Messages.print(
        "detached without a scope of its own ("
            + problem
            + "): the command will die with the service or container that started it");
    return new Started(argv, environment).exitStatus();
  }

  private static boolean isMissing(OsString entry, List<OsString> environment) {
    String name = entry.toString().replaceAll("(?s)=.*", "=");
    return environment.stream().noneMatch(e -> e.toString().startsWith(name));
  }

  /** The words that this JVM was started with, but for what is true of this one only. */
  private List<OsString> commandLine(List<OsString> own) throws OsException {
    List<OsString> words = new ArrayList<>();
    words.add(os.realPath(OsString.of("/proc/self/exe")));
    words.add(OsString.of("-D" + PROPERTY + "=true"));
    words.add(OsString.of("-D" + TERMINAL + "=" + tells));
    for (OsString word : own.subList(1, own.size())) {
      String text = word.toString();
      boolean ofThisOne =
          text.startsWith("-Dguard.descriptors=") || text.startsWith("-Dguard.closed=");
      words.add(ofThisOne ? OsString.of(text.substring(0, text.indexOf('=') + 1)) : word);
    }
    return words;
  }

  /** What a process writes to one of its descriptors. */
  private final class Pipe {
    private final int readingEnd;
    private final int writingEnd;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private boolean open = true;
    private int passed;

    Pipe() throws OsException {
      int[] ends = os.pipe();
      readingEnd = ends[0];
      writingEnd = ends[1];
    }

    void take() throws OsException {
      byte[] buffer = new byte[4096];
      int count = os.read(readingEnd, buffer);
      open = count > 0;
      bytes.write(buffer, 0, Math.max(count, 0));
    }

    /** Writes what has come since the last time to standard error. */
    void passOn() {
      byte[] all = bytes.toByteArray();
      System.err.write(all, passed, all.length - passed);
      passed = all.length;
    }

    String text() {
      return bytes.toString(StandardCharsets.UTF_8);
    }
  }

  /** The process that was started, and what it says. */
  private final class Started {
    private final int pid;
    private final Pipe output = new Pipe();
    private final Pipe errors = new Pipe();

    Started(List<OsString> argv, List<OsString> environment) throws OsException {
      int nothing = os.open(OsString.of("/dev/null"), Os.Open.READ, 0);
      List<Descriptor> descriptors =
          List.of(
              new Descriptor(nothing, 0),
              new Descriptor(output.writingEnd, 1),
              new Descriptor(errors.writingEnd, 2));
      pid =
          os.spawn(
              new SpawnSpec(
                  argv.get(0),
                  argv,
                  environment,
                  null,
                  descriptors,
                  new SpawnSpec.SignalDefaults(ignoredSignals),
                  true,
                  null));
      for (Descriptor d : descriptors) {
        os.close(d.from());
      }
    }

    /** False when it did not come to a second guard: then all that it said is there. */
    boolean isGuard() throws OsException {
      while (!output.text().startsWith(STARTED) && (output.open || errors.open)) {
        if (!read(START_PATIENCE_MILLIS)) {
          os.kill(pid, Signals.KILL);
          return false;
        }
      }
      return output.text().startsWith(STARTED);
    }

    String complaint() {
      String said = errors.text().strip().replaceAll("\\s+", " ");
      return said.isEmpty() ? "systemd-run gave no answer" : said;
    }

    int exitStatus() throws OsException {
      while (!hasId() && (output.open || errors.open)) {
        read(-1);
        errors.passOn();
      }
      // What it had to say about the command, it said before it told the id.
      while (errors.open && os.poll(new int[] {errors.readingEnd}, 0)[0]) {
        errors.take();
      }
      errors.passOn();
      if (!hasId()) {
        WaitStatus status = await();
        if (status.signal() == Signals.KILL) {
          return end("the detached guard was killed, and its command ");
        }
        return status.shellStatus();
      }
      System.out.print(output.text().substring(STARTED.length()));
      return System.out.checkError() ? end("the id could not be written, and the command ") : 0;
    }

    /** A command that may run, and that nobody could stop by its id. */
    private int end(String what) {
      try {
        Commands commands = Commands.ofUser(Messages::print);
        for (CommandRecord record : commands.records()) {
          if (record.guard().pid() == pid) {
            References.tell(record.id(), commands.end(record, Duration.ZERO));
          }
        }
        Messages.print(what + "does not run");
      } catch (IOException e) {
        Messages.print(what + "may run: " + e.getMessage() + "; see guard ps");
      }
      return ExitCode.GUARD_ERROR;
    }

    private boolean hasId() {
      return output.text().startsWith(STARTED) && output.text().indexOf('\n', STARTED.length()) > 0;
    }

    /** False when nothing was said in this time. */
    private boolean read(int millis) throws OsException {
      List<Pipe> open = Stream.of(output, errors).filter(p -> p.open).toList();
      boolean[] ready = os.poll(open.stream().mapToInt(p -> p.readingEnd).toArray(), millis);
      boolean any = false;
      for (int i = 0; i < ready.length; i++) {
        if (ready[i]) {
          open.get(i).take();
          any = true;
        }
      }
      return any;
    }

    private WaitStatus await() throws OsException {
      WaitStatus status = os.waitNoHang(pid);
      while (status == null) {
        os.poll(new int[0], 10);
        status = os.waitNoHang(pid);
      }
      return status;
    }
  }
}
