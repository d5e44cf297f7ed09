package dev.guard.config;

import dev.guard.os.DescriptorCalls;
import dev.guard.os.Errno;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.OsString;
import dev.guard.os.RawFiles;
import dev.guard.value.Environment;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Finds and lays over one another all the places where settings can stand.
 *
 * <p>Order, later wins: built-in, the system's file, the user's, the nearest project's (which may
 * only tighten), the environment, flags. A {@code --config} file takes the place of all files but
 * for the system's ceiling.
 */
public final class ConfigLoader {
  /** Bounds a file: the TOML library reads no more in the memory that {@code guard exec} has. */
  static final int MAX_FILE_BYTES = 1 << 17;

  private static final OsString SYSTEM_FILE = OsString.of("/etc/guard/config.toml");
  static final OsString GUARD_FILE = OsString.of("/.guard/config.toml");
  static final OsString CLAUDEX_FILE = OsString.of("/.claudex/config.toml");

  /**
   * Says where to look for settings.
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

  private ConfigLoader(Os os, OsString systemFile) {
    this.os = os;
    this.systemFile = systemFile;
  }

  /** Loads the settings in force for these inputs. */
  public static Effective load(Os os, Inputs inputs) throws ConfigException {
    return load(os, SYSTEM_FILE, inputs);
  }

  /** Reads the settings that a Java program lays its own over. */
  public static ProgramSettings forProgram(Os os, Inputs inputs) throws ConfigException {
    return forProgram(os, SYSTEM_FILE, inputs);
  }

  static ProgramSettings forProgram(Os os, OsString systemFile, Inputs inputs)
      throws ConfigException {
    ConfigLoader loader = new ConfigLoader(os, systemFile);
    List<String> notices = loader.load(inputs).notices();
    return new ProgramSettings(loader.layers, notices);
  }

  /** Loads the settings with another file in the place of /etc/guard/config.toml. */
  static Effective load(Os os, OsString systemFile, Inputs inputs) throws ConfigException {
    return new ConfigLoader(os, systemFile).load(inputs);
  }

  /** Checks one file as if it were given by {@code --config}. */
  public static void check(Os os, OsString file) throws ConfigException {
    check(os, SYSTEM_FILE, file);
  }

  static void check(Os os, OsString systemFile, OsString file) throws ConfigException {
    Inputs only =
        new Inputs(new Environment(List.of()), Optional.empty(), Optional.of(file), Map.of());
    load(os, systemFile, only);
  }

  private Effective load(Inputs inputs) throws ConfigException {
    Environment env = inputs.environment();
    Optional<OsString> variable = env.get(TextSource.CONFIG_VARIABLE);
    // CLAUDEX_ variables give way to every name of Guard's, and a project may not loosen them.
    if (inputs.file().isPresent()) {
      addChosen(inputs.file().get(), "--config", inputs.file().get() + ": there is no such file");
    } else if (variable.isPresent()) {
      addChosen(variable.get(), TextSource.CONFIG_VARIABLE, "there is no file of the name it has");
    } else {
      addSystemAndUser(env);
    }
    TextSource.claudexVariables(env, problems).forEach(layers::addClaudex);
    // What a project may tighten is compared with what holds in the profile.
    TextSource.profile(env, inputs.flags(), problems).ifPresent(layers::add);
    if (inputs.file().isEmpty() && variable.isEmpty()) {
      addProject(env, inputs.directory());
    }
    TextSource.guardVariables(env, problems).forEach(layers::add);
    inputs.flags().forEach((s, t) -> TextSource.flag(s, t, problems).ifPresent(layers::add));
    Effective effective = layers.effective();
    problems.throwIfAny();
    return effective;
  }

  /**
   * Adds a file that was named, which takes the place of all others, but for the system's ceiling.
   */
  private void addChosen(OsString file, String by, String missing) {
    read(systemFile, TomlFile.Role.SYSTEM).ifPresent(layers::addOfMachine);
    Optional<TomlSource.Content> content = read(file, TomlFile.Role.SYSTEM);
    if (content.isEmpty()) {
      problems.add(by, missing + "; correct it, or leave it out to use the usual files");
    }
    content.ifPresent(layers::addNamed);
  }

  private void addSystemAndUser(Environment env) {
    read(systemFile, TomlFile.Role.SYSTEM).ifPresent(layers::add);
    home(env).flatMap(h -> read(h.concat(CLAUDEX_FILE), TomlFile.Role.USER)).ifPresent(layers::add);
    userFile(env).flatMap(f -> read(f, TomlFile.Role.USER)).ifPresent(layers::add);
  }

  private void addProject(Environment env, Optional<OsString> directory) {
    if (directory.isEmpty()) {
      return;
    }
    // There is no method reference to a list of project files: it would load their class where
    // there is no project.
    List<ProjectFile> files = new ArrayList<>();
    Optional<ProjectFile> claudex = nearest(directory.get(), CLAUDEX_FILE, home(env), env);
    if (claudex.isPresent()) {
      files.add(claudex.get());
    }
    Optional<ProjectFile> guard = nearest(directory.get(), GUARD_FILE, Optional.empty(), env);
    if (guard.isPresent()) {
      files.add(guard.get());
    }
    layers.addProject(files);
  }

  /**
   * Finds the first such file that counts at or above {@code directory}; the one of the home is no
   * project's.
   */
  private Optional<ProjectFile> nearest(
      OsString directory, OsString file, Optional<OsString> home, Environment env) {
    Optional<OsString> homeFile = home.map(h -> h.concat(file));
    for (OsString at = directory; ; at = at.slice(0, Math.max(at.lastIndexOf('/'), 0))) {
      boolean isRoot = at.length() <= 1;
      OsString path = isRoot ? file : at.concat(file);
      boolean there = isThere(path);
      if (homeFile.isPresent() && isSame(homeFile.get(), path, there)) {
        return Optional.empty();
      }
      Optional<ProjectFile> found = Optional.empty();
      if (there) {
        found = new FileOwnership(os, env, problems).read(isRoot ? OsString.of("/") : at, path);
      }
      if (found.isPresent() || isRoot) {
        return found;
      }
    }
  }

  /** Tells whether two paths are of one file; one that is not there has no other name. */
  private boolean isSame(OsString home, OsString path, boolean there) {
    return there ? real(home).equals(real(path)) : home.equals(path);
  }

  /**
   * Tells whether a file is there; in a directory that this user can not look into there is no
   * project of theirs.
   */
  private boolean isThere(OsString path) {
    try {
      OptionalInt open =
          os.openIfThere(path, DescriptorCalls.Open.PATH | DescriptorCalls.Open.NOFOLLOW);
      if (open.isPresent()) {
        os.close(open.getAsInt());
      }
      return open.isPresent();
    } catch (OsException e) {
      return e.errno() != Errno.EACCES;
    }
  }

  /** Resolves the symbolic links of a path, where it exists. */
  private OsString real(OsString path) {
    try {
      return os.realPath(path);
    } catch (OsException e) {
      return path;
    }
  }

  static boolean isClaudex(String name) {
    return name.endsWith(CLAUDEX_FILE.toString());
  }

  static String unreadable(IOException e) {
    return "can not be read ("
        + e.getMessage()
        + "); make it a readable file of at most 128 KiB, or remove it";
  }

  static Optional<OsString> home(Environment env) {
    return env.get("HOME").filter(h -> h.length() > 0);
  }

  /**
   * Names the user's own file, whether or not it exists; empty where the environment names no home.
   */
  public static Optional<OsString> userFile(Environment env) {
    return env.get("XDG_CONFIG_HOME")
        .filter(x -> x.indexOf('/') == 0)
        .or(() -> home(env).map(h -> h.concat(OsString.of("/.config"))))
        .map(x -> x.concat(OsString.of("/guard/config.toml")));
  }

  /**
   * Reads a file; empty when there is none. A file that is there and can not be read is a problem
   * and has no settings.
   */
  private Optional<TomlSource.Content> read(OsString path, TomlFile.Role role) {
    String name = path.toString();
    try {
      return RawFiles.read(os, path, MAX_FILE_BYTES)
          .map(b -> TomlSource.read(b, name, role, isClaudex(name), problems));
    } catch (IOException e) {
      problems.add(name, unreadable(e));
      return Optional.of(TomlSource.Content.empty());
    }
  }
}
