package dev.guard.cli.doctor.agent;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.guard.cli.setup.KnownAgent;
import dev.guard.cli.setup.SettingsTree;
import dev.guard.doctor.finding.Remedy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.regex.PatternSyntaxException;

/** The hooks of Claude Code that are called before a command, and may put another in its place. */
final class ClaudeHooks {
  /** The one agent whose hooks can be told so. */
  static final String AGENT = "claude";

  static final String FILE = "settings.json";
  static final String REWRITES =
      "a hook (PreToolUse) rewrites commands: the agent's deny rules do not see what runs";
  static final Remedy REMEDY =
      new Remedy.Advice("Take the hook out of the settings; a hook can deny a command as well.");

  private static final String BEFORE = "PreToolUse";
  private static final String TOOL = "Bash";

  private ClaudeHooks() {}

  /**
   * Answers the hooks that are called before a command, as a value for the settings; an empty
   * object where there are none.
   *
   * @param settings the user's file, which may not be there
   */
  static JsonObject ofCommands(Path settings) throws IOException {
    JsonObject all = SettingsTree.of(settings, KnownAgent.read(settings).orElse(""));
    JsonArray kept = new JsonArray();
    if (all.get("hooks") instanceof JsonObject hooks) {
      ModelFormat.objects(hooks, BEFORE).stream()
          .filter(ClaudeHooks::isOfCommands)
          .forEach(kept::add);
    }
    JsonObject hooks = new JsonObject();
    if (!kept.isEmpty()) {
      hooks.add(BEFORE, kept);
    }
    return hooks;
  }

  private static boolean isOfCommands(JsonObject entry) {
    String matcher = ModelFormat.text(entry, "matcher");
    try {
      return matcher.isEmpty() || matcher.equals("*") || TOOL.matches(matcher);
    } catch (PatternSyntaxException e) {
      // The agent's own words for that may be others: rather called than not.
      return true;
    }
  }
}
