package dev.guard.doctor.namespace;

import dev.guard.os.OsString;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Recognizes coding agents by the names of their programs. */
final class Agents {
  /** The names of agents' programs and of npm packages; docs/doctor.md lists them too. */
  static final Set<String> NAMES =
      Set.of(
          "aider",
          "amp",
          "auggie",
          "claude",
          "claude-code",
          "claudex",
          "cline",
          "codex",
          "copilot",
          "crush",
          "cursor-agent",
          "droid",
          "gemini",
          "gemini-cli",
          "goose",
          "kimi",
          "kiro-cli",
          "opencode",
          "opencode-ai",
          "openhands",
          "plandex",
          "qwen",
          "qwen-code");

  private static final Pattern INTERPRETER =
      Pattern.compile("(node|nodejs|bun|deno|ruby|sh|bash|dash|zsh|python[0-9.]*)");
  private static final Pattern PACKAGE =
      Pattern.compile(".*/node_modules/(?:@[^/]+/)?([^/@]+)/.*", Pattern.DOTALL);
  private static final Pattern SUFFIX = Pattern.compile("[.](js|mjs|cjs|ts|py|sh)$");

  private Agents() {}

  /**
   * Answers the name of the agent that a process is, if it is one.
   *
   * @param name the process's command, which a program may choose, as in {@link
   *     dev.guard.os.ProcessStatus#name}
   * @param arguments the process's argv
   */
  static Optional<String> name(String name, List<OsString> arguments) {
    List<String> candidates = new ArrayList<>(List.of(name));
    if (!arguments.isEmpty()) {
      String base = base(arguments.get(0).toString());
      // A login shell has a dash before its name.
      String program = base.startsWith("-") ? base.substring(1) : base;
      candidates.add(program);
      if (INTERPRETER.matcher(program).matches()) {
        script(arguments).ifPresent(path -> addNames(path, candidates));
      }
    }
    return candidates.stream().filter(NAMES::contains).findFirst();
  }

  private static void addNames(String path, List<String> candidates) {
    candidates.add(SUFFIX.matcher(base(path)).replaceFirst(""));
    Matcher inPackage = PACKAGE.matcher(path);
    if (inPackage.matches()) {
      candidates.add(inPackage.group(1));
    }
  }

  /**
   * Answers the first word after the interpreter that is no option: its script, or module for -m.
   */
  private static Optional<String> script(List<OsString> arguments) {
    return arguments.stream()
        .skip(1)
        .map(OsString::toString)
        .filter(word -> !word.startsWith("-") && !word.equals("run"))
        .findFirst();
  }

  private static String base(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }
}
