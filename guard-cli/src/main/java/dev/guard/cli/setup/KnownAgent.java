package dev.guard.cli.setup;

import dev.guard.cli.shared.Installation;
import dev.guard.value.Environment;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What others may know of an agent that setup knows, and of its files. */
public final class KnownAgent {
  private final Agent agent;
  private final Places places;

  private KnownAgent(Agent agent, Places places) {
    this.agent = agent;
    this.places = places;
  }

  /** Lists the words by which agents are called here. */
  public static List<String> names() {
    return Agents.ALL.stream().map(Agent::name).toList();
  }

  /**
   * Finds an agent.
   *
   * @param name as {@link #names} has it; any other is an IllegalArgumentException
   * @param home the user's home directory
   * @param environment the variables that lead to the agent and its files
   */
  public static KnownAgent of(String name, Path home, Environment environment) throws IOException {
    Agent agent =
        Agents.named(name).orElseThrow(() -> new IllegalArgumentException("no agent " + name));
    return new KnownAgent(agent, new Places(home, home, Installation.folder(), environment));
  }

  /** Answers the word by which the agent is called here. */
  public String name() {
    return agent.name();
  }

  /** Answers the agent's own name. */
  public String title() {
    return agent.title();
  }

  /** Answers the directory in which the agent has its files. */
  public Path directory() {
    return agent.home().apply(places);
  }

  /** Answers what a call of the agent starts: a launcher of Guard, or the program. */
  public Optional<Path> program() {
    return places.inPath(agent.program()).stream().findFirst();
  }

  /** Answers what a call of the agent would start if there were no launcher of Guard. */
  public Optional<Path> bareProgram() {
    return places.inPath(agent.program()).stream()
        .filter(p -> !SettingsFile.isLauncher(p))
        .findFirst();
  }

  /**
   * Lists the files, of settings and launchers, that lack what setup puts into them.
   *
   * @throws IOException when one can not be read
   */
  public List<Path> notSetUp() throws IOException {
    List<AgentFile> files =
        agent.files().apply(places).stream()
            .filter(f -> !(f.format() instanceof SectionText))
            .toList();
    List<Path> missing = new ArrayList<>();
    for (AgentFile file : files) {
      if (!new AgentSetup(agent.name(), List.of(file), null).isDone()) {
        missing.add(file.path());
      }
    }
    return missing;
  }

  /**
   * Answers the text of one of the agent's files as it is without what setup puts into it.
   *
   * @param file where the text stands; a file that setup does not write keeps its text
   * @param text each character one byte
   */
  public String undone(Path file, String text) throws IOException {
    try {
      for (AgentFile edited : agent.files().apply(places)) {
        if (edited.path().equals(file)) {
          return edited.revert(text);
        }
      }
      return text;
    } catch (SyntaxException e) {
      throw new IOException(file + ":" + e.line() + ": " + e.getMessage(), e);
    }
  }

  /** Reads a file, each byte one character; empty where there is none. */
  public static Optional<String> read(Path file) throws IOException {
    return SettingsFile.read(file);
  }
}
