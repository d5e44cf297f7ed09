package dev.guard.cli.setup;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The agents that Guard knows. To add one, write what its file needs; docs/agents.md describes it.
 */
final class Agents {
  private static final Format JSON = new JsonText();
  private static final Format TOML = new TomlText();
  private static final Format DOTENV = new DotenvText();
  private static final Format LAUNCHER = new LauncherText();
  private static final Format SECTION = new SectionText();

  static final List<Agent> ALL =
      List.of(
          claude(),
          codex(),
          gemini(),
          opencode(),
          pi(),
          qwen(),
          copilot(),
          cline(),
          aider(),
          goose(),
          crush(),
          amp());

  private Agents() {}

  static Optional<Agent> named(String name) {
    return ALL.stream().filter(a -> a.name().equals(name)).findFirst();
  }

  private static Agent claude() {
    Function<Places, Path> home = p -> p.directory("CLAUDE_CONFIG_DIR", ".claude");
    return new Agent(
        "claude",
        "Claude Code",
        "claude",
        home,
        p ->
            List.of(
                claudeSettings(p, home.apply(p).resolve("settings.json")),
                instructions(p, home.apply(p).resolve("CLAUDE.md"))),
        p ->
            List.of(
                claudeSettings(p, p.project().resolve(".claude/settings.local.json")),
                projectInstructions(p, "CLAUDE.md")),
        p -> claudePrefix(p, home.apply(p)));
  }

  private static AgentFile claudeSettings(Places p, Path file) {
    return settings(file, JSON, set(JSON, p.bash(), "env", "CLAUDE_CODE_SHELL"));
  }

  private static List<String> claudePrefix(Places p, Path home) {
    String variable = "CLAUDE_CODE_SHELL_PREFIX";
    String text = SettingsFile.textOrEmpty(home.resolve("settings.json"));
    Optional<String> where =
        p.variable(variable).isPresent()
            ? Optional.of("in the environment")
            : Optional.of("in " + home.resolve("settings.json"))
                .filter(f -> text.contains("\"" + variable + "\""));
    return where
        .map(
            w ->
                variable
                    + " is set "
                    + w
                    + ": what it names runs inside the agent's sandbox, and also around hooks and MCP"
                    + " servers; if that is guard, remove it, or they end at guard's timeout")
        .stream()
        .toList();
  }

  private static Agent codex() {
    Function<Places, Path> home = p -> p.directory("CODEX_HOME", ".codex");
    return new Agent(
        "codex",
        "Codex",
        "codex",
        home,
        p ->
            List.of(
                codexSettings(p, home.apply(p).resolve("config.toml")),
                instructions(p, home.apply(p).resolve("AGENTS.md"))),
        p ->
            List.of(
                codexSettings(p, p.project().resolve(".codex/config.toml")),
                projectInstructions(p, "AGENTS.md")),
        p ->
            List.of(
                "an app-server or daemon of Codex that runs already has not read this: end it, and start"
                    + " Codex anew"));
  }

  private static AgentFile codexSettings(Places p, Path file) {
    return settings(
        file,
        TOML,
        set(TOML, p.bashEnv(), "shell_environment_policy", "set", "BASH_ENV"),
        // Where a sandbox refuses getpeername(2), as Codex's does, Bash takes its input for a
        // connection of rshd and reads ~/.bashrc in place of BASH_ENV, but only as an outermost
        // shell, which it is with no SHLVL.
        new Edit(List.of("shell_environment_policy", "set", "SHLVL"), "\"1\"", false),
        new Edit(List.of("shell_environment_policy", "exclude"), "\"GUARD_ID\"", true),
        new Edit(List.of("features", "daemon_auto_start"), "false", false));
  }

  private static Agent gemini() {
    Function<Places, Path> home = p -> p.home().resolve(".gemini");
    return new Agent(
        "gemini",
        "Gemini CLI",
        "gemini",
        home,
        p ->
            List.of(
                settings(
                    home.apply(p).resolve(".env"), DOTENV, set(DOTENV, p.bashEnv(), "BASH_ENV")),
                instructions(p, home.apply(p).resolve("GEMINI.md"))),
        p ->
            List.of(
                settings(
                    p.project().resolve(".gemini/.env"),
                    DOTENV,
                    set(DOTENV, p.bashEnv(), "BASH_ENV")),
                projectInstructions(p, "GEMINI.md")),
        p ->
            List.of(
                "Gemini CLI reads one .env alone: in a project that has one, use guard setup gemini"
                    + " --project"));
  }

  private static Agent opencode() {
    Function<Places, Path> home =
        p -> p.directory("XDG_CONFIG_HOME", ".config").resolve("opencode");
    return new Agent(
        "opencode",
        "OpenCode",
        "opencode",
        home,
        p ->
            List.of(
                opencodeSettings(p, home.apply(p)),
                instructions(p, home.apply(p).resolve("AGENTS.md"))),
        p -> List.of(opencodeSettings(p, p.project()), projectInstructions(p, "AGENTS.md")),
        p -> List.of());
  }

  private static AgentFile opencodeSettings(Places p, Path folder) {
    Path file =
        Stream.of("opencode.jsonc", "opencode.json")
            .map(folder::resolve)
            .filter(Files::exists)
            .findFirst()
            .orElse(folder.resolve("opencode.json"));
    return settings(file, JSON, set(JSON, p.bash(), "shell"));
  }

  private static Agent pi() {
    Function<Places, Path> home = p -> p.directory("PI_CODING_AGENT_DIR", ".pi/agent");
    return new Agent(
        "pi",
        "Pi",
        "pi",
        home,
        p ->
            List.of(
                settings(
                    home.apply(p).resolve("settings.json"), JSON, set(JSON, p.bash(), "shellPath")),
                instructions(p, home.apply(p).resolve("AGENTS.md"))),
        p ->
            List.of(
                settings(
                    p.project().resolve(".pi/settings.json"),
                    JSON,
                    set(JSON, p.bash(), "shellPath")),
                projectInstructions(p, "AGENTS.md")),
        p -> List.of());
  }

  private static Agent qwen() {
    return new Agent(
        "qwen",
        "Qwen Code",
        "qwen",
        p -> p.home().resolve(".qwen"),
        p ->
            List.of(
                launcher(
                    p,
                    "qwen",
                    "Qwen Code",
                    "export PATH="
                        + word(p.guard().resolve("libexec/guard").toString())
                        + ":\"$PATH\" && exec"),
                instructions(p, p.home().resolve(".qwen/QWEN.md"))),
        p -> List.of(projectInstructions(p, "QWEN.md")),
        p -> List.of());
  }

  private static Agent copilot() {
    Function<Places, Path> home = p -> p.directory("COPILOT_HOME", ".copilot");
    return new Agent(
        "copilot",
        "Copilot CLI",
        "copilot",
        home,
        p ->
            List.of(
                settings(
                    home.apply(p).resolve("settings.json"),
                    JSON,
                    new Edit(List.of("bashEnv"), "true", false)),
                launcher(p, "copilot", "Copilot CLI", exporting("BASH_ENV", p.bashEnv())),
                instructions(p, home.apply(p).resolve("copilot-instructions.md"))),
        p -> List.of(projectInstructions(p, ".github/copilot-instructions.md")),
        p -> List.of());
  }

  private static Agent cline() {
    return new Agent(
        "cline",
        "Cline",
        "cline",
        p -> p.home().resolve(".cline"),
        p ->
            List.of(
                launcher(p, "cline", "Cline", exporting("BASH_ENV", p.bashEnv())),
                instructions(p, p.home().resolve(".cline/rules/guard.md"))),
        p -> List.of(projectInstructions(p, "AGENTS.md")),
        p ->
            List.of(
                "a hub daemon of Cline that runs already was not started by the launcher: end it, and"
                    + " start Cline anew"));
  }

  private static Agent aider() {
    return new Agent(
        "aider",
        "Aider",
        "aider",
        p -> p.home().resolve(".aider"),
        p -> List.of(launcher(p, "aider", "Aider", exporting("SHELL", p.guardShell()))),
        p -> List.of(),
        p -> List.of());
  }

  private static Agent goose() {
    Function<Places, Path> home = p -> p.directory("XDG_CONFIG_HOME", ".config").resolve("goose");
    return new Agent(
        "goose",
        "Goose",
        "goose",
        home,
        p ->
            List.of(
                launcher(p, "goose", "Goose", exporting("GOOSE_SHELL", p.guardShell())),
                instructions(p, home.apply(p).resolve(".goosehints"))),
        p -> List.of(projectInstructions(p, ".goosehints")),
        p -> List.of());
  }

  private static Agent crush() {
    return new Agent(
        "crush",
        "Crush",
        "crush",
        p -> p.directory("XDG_CONFIG_HOME", ".config").resolve("crush"),
        p -> List.of(launcher(p, "crush", "Crush", whole(p))),
        p -> List.of(projectInstructions(p, "AGENTS.md")),
        p -> List.of());
  }

  private static Agent amp() {
    Function<Places, Path> home = p -> p.directory("XDG_CONFIG_HOME", ".config").resolve("amp");
    return new Agent(
        "amp",
        "Amp",
        "amp",
        home,
        p ->
            List.of(
                launcher(p, "amp", "Amp", whole(p)),
                instructions(p, home.apply(p).resolve("AGENTS.md"))),
        p -> List.of(projectInstructions(p, "AGENTS.md")),
        p -> List.of());
  }

  private static Edit set(Format format, String value, String... path) {
    return new Edit(List.of(path), format.quoted(value), false);
  }

  private static AgentFile settings(Path file, Format format, Edit... edits) {
    return new AgentFile(file, format, List.of(edits), AgentFile.PRIVATE);
  }

  private static AgentFile instructions(Places p, Path file) {
    try {
      return section(file, p.guardCall(), AgentFile.PRIVATE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The project's files go to other machines, so no path of this one is in them. */
  private static AgentFile projectInstructions(Places p, String file) {
    return section(p.project().resolve(file), "guard", AgentFile.SHARED);
  }

  private static AgentFile section(Path file, String guard, String mode) {
    Edit edit = new Edit(SectionText.SECTION, Utf8.encoded(Instructions.of(guard)), false);
    return new AgentFile(file, SECTION, List.of(edit), mode);
  }

  private static AgentFile launcher(Places p, String program, String title, String start) {
    String text = Utf8.encoded(LauncherText.of(program, title, start));
    return new AgentFile(
        p.home().resolve(".local/bin").resolve(program),
        LAUNCHER,
        List.of(new Edit(LauncherText.WHOLE, text, false)),
        AgentFile.PROGRAM);
  }

  private static String exporting(String variable, String value) {
    return "export " + variable + "=" + word(value) + " && exec";
  }

  /** The whole agent is one command, which has no deadline. */
  private static String whole(Places p) {
    return "exec " + word(p.guard().resolve("bin/guard").toString()) + " exec --timeout 0 --";
  }

  private static String word(String word) {
    return "'" + word.replace("'", "'\\''") + "'";
  }

  /** Lists the agents whose program or home is there. */
  static List<Agent> installed(Places places) {
    List<Agent> found = new ArrayList<>(ALL);
    found.removeIf(a -> where(a, places).isEmpty());
    return found;
  }

  /** Answers the program of an agent, or else the directory that it has made. */
  static Optional<Path> where(Agent agent, Places places) {
    Optional<Path> program =
        places.inPath(agent.program()).stream()
            .filter(p -> !SettingsFile.isLauncher(p))
            .findFirst();
    return program.or(() -> Optional.of(agent.home().apply(places)).filter(Files::isDirectory));
  }
}
