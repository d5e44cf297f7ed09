package dev.guard.cli.settings;

import com.google.gson.stream.JsonWriter;
import dev.guard.cli.shared.Messages;
import dev.guard.cli.shared.Settings;
import dev.guard.config.ConfigException;
import dev.guard.config.ConfigLoader;
import dev.guard.config.Effective;
import dev.guard.os.Errno;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.OsString;
import dev.guard.os.RawFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code guard config} shows, checks and makes settings. */
@Command(
    name = "config",
    description = "Shows, checks and makes settings.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND")
public final class ConfigCommand {
  private final Settings settings;
  private final Os os;

  public ConfigCommand(Settings settings) {
    this.settings = settings;
    this.os = settings.kernel().os();
  }

  @Command(
      name = "show",
      description = "Prints every setting in force here and where it came from.",
      mixinStandardHelpOptions = true)
  int show(
      @Option(names = "--json", description = "As JSON.") boolean json,
      @Option(names = "--config", paramLabel = "FILE", description = "As for guard exec.")
          OsString file)
      throws IOException {
    Effective effective;
    try {
      effective = settings.load(Optional.ofNullable(file));
    } catch (ConfigException e) {
      return Settings.refuse(e);
    }
    effective.notices().forEach(Messages::print);
    String text = json ? toJson(effective) : toText(effective);
    System.out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    return 0;
  }

  private static String toText(Effective effective) {
    StringBuilder text = new StringBuilder();
    for (Effective.ShownSetting s : effective.entries()) {
      String value = s.value().isEmpty() ? "(none)" : s.value();
      text.append(String.format("%-30s %-12s %s%n", s.setting().path(), value, s.where()));
    }
    return text.toString();
  }

  private static String toJson(Effective effective) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonWriter json = new JsonWriter(text)) {
      json.setIndent("  ");
      json.setHtmlSafe(false);
      json.beginObject();
      for (Effective.ShownSetting s : effective.entries()) {
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
          OsString file) {
    try {
      if (file != null) {
        ConfigLoader.check(os, file);
      } else {
        settings.load().notices().forEach(Messages::print);
      }
      return 0;
    } catch (ConfigException e) {
      return Settings.refuse(e);
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
          OsString given)
      throws IOException {
    OsString file = given == null ? userFile() : given;
    int slash = file.lastIndexOf('/');
    if (slash == file.length() - 1) {
      throw new IOException("config init: " + file + " names no file; write one, e.g. config.toml");
    }
    if (slash > 0) {
      RawFiles.makeDirectories(os, file.slice(0, slash));
    }
    try (InputStream in = ConfigCommand.class.getResourceAsStream("/config.toml")) {
      RawFiles.create(os, file, in.readAllBytes());
    } catch (OsException e) {
      if (e.errno() != Errno.EEXIST) {
        throw e;
      }
      throw new IOException(file + ": exists already; name another file, or remove it", e);
    }
    System.out.writeBytes(file.concat(OsString.of("\n")).bytes());
    return 0;
  }

  private OsString userFile() throws IOException {
    return ConfigLoader.userFile(settings.invocation().environment())
        .orElseThrow(() -> new IOException("config init: HOME is not set; set it or name a file"));
  }
}
