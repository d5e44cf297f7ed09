package dev.guard.cli;

import com.google.gson.stream.JsonWriter;
import dev.guard.Environment;
import dev.guard.config.ConfigException;
import dev.guard.config.ConfigLoader;
import dev.guard.config.Effective;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.OsString;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code guard config}. */
@Command(
    name = "config",
    description = "Shows, checks and makes settings.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND")
final class ConfigCommand {
  private final Os os = Os.linux();
  private final Invocation invocation;

  ConfigCommand(Invocation invocation) {
    this.invocation = invocation;
  }

  @Command(
      name = "show",
      description = "Prints every setting in force here and where it came from.",
      mixinStandardHelpOptions = true)
  int show(
      @Option(names = "--json", description = "As JSON.") boolean json,
      @Option(names = "--config", paramLabel = "FILE", description = "As for guard exec.")
          String file)
      throws IOException {
    Optional<Effective> effective = load(Optional.ofNullable(file).map(OsString::of));
    if (effective.isEmpty()) {
      return ExitCode.GUARD_ERROR;
    }
    System.out.print(json ? toJson(effective.get()) : toText(effective.get()));
    return 0;
  }

  private Optional<Effective> load(Optional<OsString> file) {
    try {
      return Optional.of(
          ConfigLoader.load(
              os,
              new ConfigLoader.Inputs(
                  invocation.environment(), workingDirectory(), file, Map.of())));
    } catch (ConfigException e) {
      e.problems().forEach(Messages::print);
      return Optional.empty();
    }
  }

  private Optional<OsString> workingDirectory() {
    try {
      return Optional.of(os.workingDirectory());
    } catch (OsException e) {
      return Optional.empty();
    }
  }

  private static String toText(Effective effective) {
    StringBuilder text = new StringBuilder();
    for (Effective.Shown s : effective.entries()) {
      text.append(String.format("%-30s %-12s %s%n", s.setting().path(), s.value(), s.where()));
    }
    return text.toString();
  }

  private static String toJson(Effective effective) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonWriter json = new JsonWriter(text)) {
      json.setIndent("  ");
      json.setHtmlSafe(false);
      json.beginObject();
      for (Effective.Shown s : effective.entries()) {
        json.name(s.setting().path()).beginObject();
        json.name("value").value(s.value()).name("where").value(s.where()).endObject();
      }
      json.endObject();
    }
    return text + "\n";
  }

  @Command(
      name = "check",
      description = "Checks FILE, or all settings in force here, and names every problem.",
      mixinStandardHelpOptions = true)
  int check(
      @Parameters(arity = "0..1", paramLabel = "FILE", description = "A settings file.")
          String file) {
    try {
      if (file != null) {
        ConfigLoader.check(os, OsString.of(file));
      } else {
        Environment environment = invocation.environment();
        ConfigLoader.load(
            os,
            new ConfigLoader.Inputs(environment, workingDirectory(), Optional.empty(), Map.of()));
      }
      return 0;
    } catch (ConfigException e) {
      e.problems().forEach(Messages::print);
      return ExitCode.GUARD_ERROR;
    }
  }

  @Command(
      name = "init",
      description = "Writes a file with every setting, commented out, at its default.",
      mixinStandardHelpOptions = true)
  int init(
      @Parameters(
              arity = "0..1",
              paramLabel = "FILE",
              description = "Default: the user's own settings file.")
          String file)
      throws IOException {
    Path path = file == null ? userFile() : Path.of(file);
    if (path.getParent() != null) {
      Files.createDirectories(path.getParent());
    }
    try (InputStream in = ConfigCommand.class.getResourceAsStream("/config.toml")) {
      Files.write(path, in.readAllBytes(), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    } catch (FileAlreadyExistsException e) {
      throw new IOException(path + ": exists already; name another file, or remove it", e);
    }
    System.out.println(path);
    return 0;
  }

  private Path userFile() throws IOException {
    Environment env = invocation.environment();
    Optional<String> base =
        env.get("XDG_CONFIG_HOME").map(Object::toString).filter(x -> x.startsWith("/"));
    Optional<String> home = env.get("HOME").map(h -> h + "/.config");
    String directory =
        base.or(() -> home).orElseThrow(() -> new IOException("HOME is not set; name a file"));
    return Path.of(directory, "guard", "config.toml");
  }
}
