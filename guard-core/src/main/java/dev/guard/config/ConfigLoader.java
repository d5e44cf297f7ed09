package dev.guard.config;

import dev.guard.Environment;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.OsString;
import dev.guard.os.RawFiles;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds and lays over one another all the places where settings can stand.
 *
 * <p>Order, later wins: built-in, the system's file, the user's, the nearest project's (which may
 * only tighten), the environment, flags. A {@code --config} file takes the place of all files but
 * for the system's ceiling.
 */
public final class ConfigLoader {
  private static final int MAX_FILE_BYTES = 1 << 20;
  private static final OsString SYSTEM_FILE = OsString.of("/etc/guard/config.toml");
  private static final OsString GUARD_FILE = OsString.of("/.guard/config.toml");
  private static final OsString CLAUDEX_FILE = OsString.of("/.claudex/config.toml");

  /**
   * Where to look.
   *
   * @param environment the variables of the caller
   * @param directory the absolute directory at or above which a project's file is looked for, or
   *     empty to look for none
   * @param file the value of {@code --config}, which wins over {@code GUARD_CONFIG}
   * @param flags settings given as flags, each with its text
   */
  public record Inputs(
      Environment environment,
      Optional<OsString> directory,
      Optional<OsString> file,
      Map<Setting, String> flags) {}

  private final Os os;
  private final OsString systemFile;
  private final Problems problems = new Problems();
  private final Layers layers = new Layers(problems);
  private final Set<OsString> seen = new LinkedHashSet<>();

  private ConfigLoader(Os os, OsString systemFile) {
    this.os = os;
    this.systemFile = systemFile;
  }

  /** The settings in force for these inputs. */
  public static Effective load(Os os, Inputs inputs) throws ConfigException {
    return load(os, SYSTEM_FILE, inputs);
  }

  /** As {@link #load(Os, Inputs)}, with another file in the place of /etc/guard/config.toml. */
  static Effective load(Os os, OsString systemFile, Inputs inputs) throws ConfigException {
    return new ConfigLoader(os, systemFile).load(inputs);
  }

  /** Checks one file as if it were given by {@code --config}. */
  public static void check(Os os, OsString file) throws ConfigException {
    Inputs only =
        new Inputs(new Environment(List.of()), Optional.empty(), Optional.of(file), Map.of());
    load(os, only);
  }

  private Effective load(Inputs inputs) throws ConfigException {
    Environment env = inputs.environment();
    Optional<OsString> chosen = inputs.file().or(() -> env.get("GUARD_CONFIG"));
    if (chosen.isPresent()) {
      loadChosen(chosen.get(), inputs.file().isPresent() ? "--config" : "GUARD_CONFIG");
    } else {
      search(env, inputs.directory());
    }
    TextSource.claudexVariables(env, problems).forEach(layers::addClaudex);
    TextSource.guardVariables(env, problems).forEach(e -> layers.add(Optional.of(e)));
    inputs
        .flags()
        .forEach((s, text) -> layers.add(TextSource.value(s, text, s.flag(), true, problems)));
    Effective effective = layers.effective();
    problems.throwIfAny();
    return effective;
  }

  private void loadChosen(OsString file, String by) {
    TomlSource.Content system =
        read(systemFile, TomlSource.Role.SYSTEM, false).orElse(TomlSource.Content.empty());
    layers.add(new TomlSource.Content(List.of(), List.of(), system.ceilings()));
    seen.clear();
    Optional<TomlSource.Content> content = read(file, TomlSource.Role.SYSTEM, false);
    if (content.isEmpty()) {
      problems.add(
          by,
          file
              + ": there is no such file; correct the path, or leave it out to use the usual files");
    }
    content.ifPresent(layers::add);
  }

  private void search(Environment env, Optional<OsString> directory) {
    Optional<OsString> home = env.get("HOME").filter(h -> h.length() > 0);
    Optional<OsString> user =
        env.get("XDG_CONFIG_HOME").filter(x -> x.length() > 0 && x.bytes()[0] == '/');
    OsString tail = OsString.of("/guard/config.toml");
    read(systemFile, TomlSource.Role.SYSTEM, false).ifPresent(layers::add);
    home.flatMap(h -> read(h.concat(CLAUDEX_FILE), TomlSource.Role.USER, true))
        .ifPresent(layers::add);
    user.or(() -> home.map(h -> h.concat(OsString.of("/.config"))))
        .flatMap(x -> read(x.concat(tail), TomlSource.Role.USER, false))
        .ifPresent(layers::add);
    directory.flatMap(d -> nearest(d, CLAUDEX_FILE, true)).ifPresent(layers::add);
    directory.flatMap(d -> nearest(d, GUARD_FILE, false)).ifPresent(layers::add);
  }

  private Optional<TomlSource.Content> nearest(
      OsString directory, OsString file, boolean claudexOnly) {
    OsString at = directory;
    while (true) {
      boolean root = at.length() <= 1;
      OsString path = root ? file : at.concat(file);
      if (seen.contains(path)) {
        return Optional.empty();
      }
      Optional<TomlSource.Content> content = read(path, TomlSource.Role.PROJECT, claudexOnly);
      if (content.isPresent() || root) {
        return content;
      }
      at = at.slice(0, Math.max(lastSlash(at), 0));
    }
  }

  private static int lastSlash(OsString path) {
    byte[] bytes = path.bytes();
    int i = bytes.length - 1;
    while (i > 0 && bytes[i] != '/') {
      i--;
    }
    return i;
  }

  /**
   * Empty when there is no such file; a file that is there and can not be read is a problem and has
   * no settings.
   */
  private Optional<TomlSource.Content> read(
      OsString path, TomlSource.Role role, boolean claudexOnly) {
    try {
      Optional<byte[]> bytes = RawFiles.read(os, path, MAX_FILE_BYTES);
      if (bytes.isPresent()) {
        seen.add(path);
      }
      return bytes.map(b -> TomlSource.read(b, path.toString(), role, claudexOnly, problems));
    } catch (OsException e) {
      problems.add(
          path.toString(),
          "can not be read (" + e.getMessage() + "); make it a readable file or remove it");
    } catch (IOException e) {
      problems.add(path.toString(), e.getMessage());
    }
    return Optional.of(TomlSource.Content.empty());
  }
}
