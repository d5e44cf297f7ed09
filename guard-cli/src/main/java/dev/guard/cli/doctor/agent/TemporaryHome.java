package dev.guard.cli.doctor.agent;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import dev.guard.cli.setup.KnownAgent;
import dev.guard.cli.setup.SettingsTree;
import dev.guard.os.OsString;
import dev.guard.value.Environment;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A home directory for one look at an agent, readable for its user alone, which is removed again.
 *
 * @param path absolute
 */
record TemporaryHome(Path path) implements Closeable {
  private static final Gson PLAIN =
      new GsonBuilder().disableHtmlEscaping().serializeNulls().create();
  private static final int TRIES = 10;

  /** The settings are copied as they are. */
  static final boolean AS_SET_UP = false;

  /** What setup has put into the settings is not copied. */
  static final boolean BARE = true;

  static TemporaryHome make() throws IOException {
    TemporaryHome home = new TemporaryHome(Files.createTempDirectory("guard-doctor-").toRealPath());
    Files.createDirectory(home.project());
    Files.createDirectory(home.temporary());
    return home;
  }

  /** Answers the directory in which the agent works. */
  Path project() {
    return path.resolve("project");
  }

  /** Answers the directory for temporary files. */
  Path temporary() {
    return path.resolve("tmp");
  }

  /**
   * Copies the settings of an agent into this home, and leads them to a model.
   *
   * @param agent in the home of its user
   * @param bare whether what setup has put in is taken out
   * @return what was copied and what was left out, one line for each file
   */
  List<String> copy(KnownAgent agent, Recipe recipe, String url, boolean bare) throws IOException {
    Path place = directory(agent.name());
    Files.createDirectories(place);
    List<String> said = new ArrayList<>();
    Map<String, JsonObject> trees = new TreeMap<>();
    for (String name : recipe.settings()) {
      Path file = agent.directory().resolve(name);
      Optional<String> found = KnownAgent.read(file);
      if (found.isEmpty()) {
        continue;
      }
      String text = bare ? agent.undone(file, found.get()) : found.get();
      List<String> gone = new ArrayList<>();
      if (name.equals(".env")) {
        write(place.resolve(name), SettingsCopy.stripVariables(text, recipe.dropped()), ISO_8859_1);
      } else {
        JsonObject tree = SettingsTree.of(file, text);
        gone.addAll(SettingsCopy.strip(tree, recipe.dropped()));
        trees.put(name, tree);
      }
      said.add("copied: " + file + (gone.isEmpty() ? "" : ", without " + String.join(", ", gone)));
    }
    recipe.change().accept(url, trees);
    for (Map.Entry<String, JsonObject> file : trees.entrySet()) {
      JsonObject values = file.getValue();
      String text =
          file.getKey().endsWith(".toml") ? TomlWriter.write(values) : PLAIN.toJson(values);
      write(place.resolve(file.getKey()), text, UTF_8);
    }
    for (Map.Entry<String, String> file : recipe.texts().entrySet()) {
      write(place.resolve(file.getKey()), file.getValue(), UTF_8);
    }
    return said;
  }

  /** Answers where an agent that has this home has its files. */
  private Path directory(String agent) throws IOException {
    return KnownAgent.of(agent, path, new Environment(List.of())).directory();
  }

  /** Copies the settings of guard, which the commands are to have. */
  Optional<Path> copyGuardSettings(Path home, Environment environment) throws IOException {
    Path config =
        environment
            .get("XDG_CONFIG_HOME")
            .map(OsString::toString)
            .filter(d -> d.startsWith("/"))
            .map(Path::of)
            .orElse(home.resolve(".config"));
    Path file = config.resolve("guard/config.toml");
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    Path copy = path.resolve(".config/guard/config.toml");
    Files.createDirectories(copy.getParent());
    Files.copy(file, copy);
    return Optional.of(file);
  }

  private static void write(Path file, String text, Charset charset) throws IOException {
    Files.createDirectories(file.getParent());
    Files.write(file, text.getBytes(charset));
  }

  /** Removes it with all that is in it; a link is removed, and not what it leads to. */
  @Override
  public void close() throws IOException {
    for (int i = 1; !removed(i == TRIES); i++) {}
  }

  private boolean removed(boolean last) throws IOException {
    try (Stream<Path> all = Files.walk(path)) {
      for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
      return true;
    } catch (IOException | UncheckedIOException e) {
      // What the agent has left behind may still write.
      if (last) {
        throw new IOException(path + " can not be removed: " + e.getMessage() + "; remove it", e);
      }
      return false;
    }
  }
}
