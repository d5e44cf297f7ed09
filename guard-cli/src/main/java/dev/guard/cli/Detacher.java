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

  private final Os os;
  private final long ignoredSignals;

  /**
   * Detaches one command.
   *
   * @param ignoredSignals bit n-1: the caller had signal n ignored
   */
  Detacher(Os os, long ignoredSignals) {
    this.os = os;
    this.ignoredSignals = ignoredSignals;
  }

  // ---- in the second guard

  /** Whether this guard is the second one. */
  static boolean isDetached() {
    return Boolean.getBoolean(PROPERTY);
  }

  static void sayStarted() {
    System.out.print(STARTED);
    System.out.flush();
  }

  /** Nobody could stop a command by an id that did not reach its caller: then it is ended. */
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
      scope.entries().stream().filter(e -> isMissing(e, environment)).forEach(entries::add);
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
        read();
      }
      return output.text().startsWith(STARTED);
    }

    String complaint() {
      return errors.text().strip().replaceAll("\\s+", " ");
    }

    int exitStatus() throws OsException {
      while (!hasId() && (output.open || errors.open)) {
        read();
      }
      // What it had to say about the command, it said before it told the id.
      while (errors.open && os.poll(new int[] {errors.readingEnd}, 0)[0]) {
        errors.take();
      }
      System.err.writeBytes(errors.bytes.toByteArray());
      if (!hasId()) {
        WaitStatus status = await();
        return status.signal() == Signals.KILL ? wasKilled() : status.shellStatus();
      }
      System.out.print(output.text().substring(STARTED.length()));
      return 0;
    }

    /** Its command may have been released just before: nobody could stop that by its id. */
    private int wasKilled() {
      String what = "the detached guard was killed, and its command ";
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

    private void read() throws OsException {
      List<Pipe> open = Stream.of(output, errors).filter(p -> p.open).toList();
      boolean[] ready = os.poll(open.stream().mapToInt(p -> p.readingEnd).toArray(), -1);
      for (int i = 0; i < ready.length; i++) {
        if (ready[i]) {
          open.get(i).take();
        }
      }
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
