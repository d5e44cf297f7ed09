package dev.guard.config;

import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.mockito.AdditionalAnswers.delegatesTo;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.ArgumentMatchers.argThat;
import static org.mockito.Mockito.doThrow;
import static org.mockito.Mockito.mock;

import dev.guard.os.Errno;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.OsString;
import dev.guard.value.Environment;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Holds all the places where settings can stand, below one folder: nothing of the machine's is
 * read.
 */
final class SettingsScene {
  static final String SYSTEM = "/etc/guard/config.toml";
  static final String USER = "/home/.config/guard/config.toml";
  static final String HOME_CLAUDEX = "/home/.claudex/config.toml";
  static final String PROJECT = "/home/project/.guard/config.toml";
  static final String PROJECT_CLAUDEX = "/home/project/.claudex/config.toml";

  private final Path root;
  private final List<OsString> environment = new ArrayList<>();
  private final Map<Setting, String> flags = new EnumMap<>(Setting.class);
  private Optional<OsString> directory;
  private Optional<OsString> file = Optional.empty();
  private Os os = Os.linux();

  SettingsScene(Path temporary) {
    try {
      root = temporary.toRealPath();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    home(root + "/home");
    directory = Optional.of(path("/home/project/src/main"));
  }

  /** A name below the folder, as the kernel takes it. */
  OsString path(String name) {
    return OsString.of(root + name);
  }

  Path nioPath(String name) {
    try {
      Path path = Path.of(root + name);
      Files.createDirectories(path.getParent());
      return path;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  SettingsScene file(String name, String... lines) {
    try {
      Files.write(nioPath(name), Arrays.asList(lines));
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  SettingsScene variable(String name, String value) {
    return bytesVariable(name, OsString.of(value));
  }

  /** One whose value need not be text. */
  SettingsScene bytesVariable(String name, OsString value) {
    environment.add(OsString.of(name + "=").concat(value));
    return this;
  }

  SettingsScene home(String home) {
    environment.removeIf(e -> e.toString().startsWith("HOME="));
    return variable("HOME", home);
  }

  SettingsScene flag(Setting setting, String text) {
    flags.put(setting, text);
    return this;
  }

  /** The value of --config. */
  SettingsScene config(OsString name) {
    file = Optional.of(name);
    return this;
  }

  SettingsScene in(Optional<OsString> workingDirectory) {
    directory = workingDirectory;
    return this;
  }

  /** Nobody who is not root can look into this directory, and the test may be root. */
  SettingsScene denied(String name) throws OsException {
    String denied = path(name + "/").toString();
    os = mock(Os.class, delegatesTo(Os.linux()));
    OsException refusal = new OsException("open " + denied, Errno.EACCES, "Permission denied");
    doThrow(refusal).when(os).open(argThat(p -> isBelow(p, denied)), anyInt(), anyInt());
    doThrow(refusal).when(os).openIfThere(argThat(p -> isBelow(p, denied)), anyInt());
    return this;
  }

  private static boolean isBelow(OsString path, String denied) {
    return path != null && path.toString().startsWith(denied);
  }

  Effective load() throws ConfigException {
    return ConfigLoader.load(os, path(SYSTEM), inputs());
  }

  ProgramSettings ofProgram() throws ConfigException {
    return ConfigLoader.forProgram(os, path(SYSTEM), inputs());
  }

  private ConfigLoader.Inputs inputs() {
    return new ConfigLoader.Inputs(new Environment(environment), directory, file, flags);
  }

  GuardConfig settings() throws ConfigException {
    return load().config();
  }

  /** Value and source of a setting, the folder's own name left out. */
  String show(Setting setting) throws ConfigException {
    Effective.ShownSetting shown = load().entry(setting);
    return shown.value() + " from " + withoutRoot(shown.where());
  }

  /** The problem lines, the folder's own name left out; there must be some. */
  List<String> problems() {
    ConfigException e = catchThrowableOfType(ConfigException.class, this::load);
    if (e == null) {
      throw new AssertionError("these settings were accepted");
    }
    return e.problems().stream().map(this::withoutRoot).toList();
  }

  /** The lines about what was not taken, the folder's own name left out. */
  List<String> notices() throws ConfigException {
    return load().notices().stream().map(this::withoutRoot).toList();
  }

  /** Trusts the project's files with the bytes that they have now. */
  SettingsScene trust() throws IOException {
    trusting().give(path("/home/project/src/main"));
    return this;
  }

  Trust trusting() {
    return new Trust(Os.linux(), new Environment(environment));
  }

  private String withoutRoot(String text) {
    return text.replace(root.toString(), "");
  }
}
