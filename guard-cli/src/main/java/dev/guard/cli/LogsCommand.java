package dev.guard.cli;

import dev.guard.exec.Commands;
import dev.guard.exec.launch.CommandLog;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code guard logs}. */
@Command(
    name = "logs",
    description = "Prints what a detached command has written, the last 8 to 16 MiB of it.",
    mixinStandardHelpOptions = true)
final class LogsCommand implements Callable<Integer> {
  private static final long PAUSE_NANOS = 100_000_000L;

  @Option(
      names = {"-f", "--follow"},
      description = "Go on until the command has ended.")
  private boolean follow;

  @Parameters(
      arity = "1",
      paramLabel = "COMMAND",
      description = "An id, the beginning of one, or a name.")
  private String reference;

  @Override
  public Integer call() throws IOException {
    Commands commands = Commands.ofUser(Messages::print);
    Optional<Commands.Found> found = commands.find(reference);
    if (found.isEmpty()) {
      return References.refuse(reference);
    }
    String id = found.get().id();
    Optional<Path> log = commands.log(id);
    if (log.isEmpty()) {
      Messages.print("command " + id + " has no log; only detached commands have one");
      return ExitCode.GUARD_ERROR;
    }
    print(CommandLog.older(log.get()));
    follow(commands, id, log.get());
    return 0;
  }

  private static void print(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      in.transferTo(System.out);
    } catch (NoSuchFileException e) {
      // There was not as much yet.
      return;
    }
  }

  /** A file that was rotated is read to its end before the next: it is still open here. */
  private void follow(Commands commands, String id, Path log) throws IOException {
    InputStream in = Files.newInputStream(log);
    try {
      Object key = key(log);
      while (true) {
        // Asked before the last look, or what came between would be lost.
        boolean live = follow && commands.isLive(id);
        boolean rotated = !key.equals(key(log));
        in.transferTo(System.out);
        System.out.flush();
        if (rotated) {
          in.close();
          in = Files.newInputStream(log);
          key = key(log);
        } else if (!live || System.out.checkError()) {
          return;
        } else {
          LockSupport.parkNanos(PAUSE_NANOS);
        }
      }
    } catch (NoSuchFileException e) {
      // guard rm has removed it.
      return;
    } finally {
      in.close();
    }
  }

  private static Object key(Path file) throws IOException {
    return Files.getAttribute(file, "unix:ino");
  }
}
