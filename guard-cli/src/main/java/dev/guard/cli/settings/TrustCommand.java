package dev.guard.cli.settings;

import dev.guard.cli.shared.Settings;
import dev.guard.cli.shared.Texts;
import dev.guard.command.EnclosingCommand;
import dev.guard.config.Trust;
import dev.guard.os.OsException;
import dev.guard.os.OsString;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code guard trust}. */
@Command(
    name = "trust",
    description = "Takes the values of a project's settings that you have read, until they change.",
    mixinStandardHelpOptions = true)
public final class TrustCommand implements Callable<Integer> {
  private final Settings settings;
  @Spec private CommandSpec spec;

  @Option(names = "--undo", description = "Trust it no more.")
  private boolean undo;

  @Option(names = "--list", description = "Print what is trusted, and whether it has changed.")
  private boolean list;

  @Parameters(
      arity = "0..1",
      paramLabel = "DIRECTORY",
      description = "The project's, or one below it. Default: the working directory.")
  private OsString directory;

  public TrustCommand(Settings settings) {
    this.settings = settings;
  }

  @Override
  public Integer call() throws IOException {
    if (list && (undo || directory != null)) {
      throw new ParameterException(
          spec.commandLine(), "--list: goes with nothing else; leave the rest out");
    }
    Trust trust = new Trust(settings.kernel().os(), settings.invocation().environment());
    if (list) {
      trust.list().forEach(TrustCommand::say);
      return 0;
    }
    return undo ? undo(trust) : give(trust);
  }

  private int give(Trust trust) throws IOException {
    Optional<String> sign = EnclosingCommand.sign(settings.kernel());
    if (sign.isPresent()) {
      throw new IOException(
          "trust: not from inside a guarded command ("
              + sign.get()
              + "); give it from a shell of your own");
    }
    for (OsString file : trust.give(realDirectory())) {
      say("trusted: " + Texts.shown(file.toString()));
    }
    return 0;
  }

  private int undo(Trust trust) throws IOException {
    OsString at = directory == null ? settings.kernel().os().workingDirectory() : absolute();
    List<OsString> undone = trust.undo(at);
    if (undone.isEmpty()) {
      throw new IOException(
          "trust: nothing at or above " + at + " is trusted; see guard trust --list");
    }
    undone.forEach(file -> say("not trusted any more: " + Texts.shown(file.toString())));
    return 0;
  }

  private OsString realDirectory() throws IOException {
    try {
      return directory == null
          ? settings.kernel().os().workingDirectory()
          : settings.kernel().os().realPath(directory);
    } catch (OsException e) {
      throw new IOException("trust: " + e.getMessage() + "; name a directory that exists", e);
    }
  }

  /** One that has been removed has no other name than the one that it was given. */
  private OsString absolute() throws IOException {
    try {
      return settings.kernel().os().realPath(directory);
    } catch (OsException e) {
      if (directory.indexOf('/') == 0) {
        return directory;
      }
      throw new IOException("trust: " + e.getMessage() + "; name it from / on", e);
    }
  }

  private static void say(Trust.Trusted trusted) {
    String state = trusted.state().name().toLowerCase(Locale.ROOT);
    say(String.format(Locale.ROOT, "%-8s %s", state, Texts.shown(trusted.file().toString())));
  }

  private static void say(String line) {
    System.out.writeBytes((line + "\n").getBytes(StandardCharsets.UTF_8));
  }
}
