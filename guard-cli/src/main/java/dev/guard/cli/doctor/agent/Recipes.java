package dev.guard.cli.doctor.agent;

import static dev.guard.cli.doctor.agent.ModelFormat.array;
import static dev.guard.cli.doctor.agent.ModelFormat.object;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The agents that can be run against the model on loopback; docs/agents.md has their versions. */
final class Recipes {
  private static final String PROMPT = "go on";

  static final List<Recipe> ALL = List.of(claude(), codex(), gemini(), opencode(), pi(), qwen());

  private Recipes() {}

  static Optional<Recipe> of(String agent) {
    return ALL.stream().filter(r -> r.agent().equals(agent)).findFirst();
  }

  private static Recipe claude() {
    return new Recipe(
        "claude",
        "2.1.332",
        List.of("settings.json"),
        Set.of(
            "hooks",
            "mcp*",
            "statusLine",
            "subagentStatusLine",
            "fileSuggestion",
            "enabledPlugins",
            "extraKnownMarketplaces",
            "otelHeadersHelper",
            "awsCredentialExport",
            "enableAllProjectMcpServers",
            "enabledMcpjsonServers",
            "disabledMcpjsonServers",
            "model",
            "ANTHROPIC_*",
            "AWS_*",
            "CLAUDE_CODE_USE_*",
            "OTEL_*"),
        url ->
            Map.of(
                "ANTHROPIC_BASE_URL", url,
                "ANTHROPIC_API_KEY", "none",
                "IS_SANDBOX", "1",
                "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1"),
        (url, files) -> {
          JsonObject permissions = child(child(files, "settings.json"), "permissions");
          // One that asks would wait for somebody who is not there.
          permissions.remove("ask");
          add(permissions, "deny", "Bash(touch:*)");
        },
        Map.of(),
        List.of("-p", "--dangerously-skip-permissions", PROMPT),
        Map.of(),
        true,
        "");
  }

  private static Recipe codex() {
    return new Recipe(
        "codex",
        "0.171.0",
        List.of("config.toml"),
        Set.of(
            "model*",
            "mcp_servers",
            "notify",
            "profile",
            "profiles",
            "otel",
            "hooks",
            "plugins",
            "chatgpt_base_url",
            "openai_base_url",
            "projects"),
        url -> Map.of("MODEL_KEY", "none"),
        (url, files) -> {
          JsonObject config = child(files, "config.toml");
          config.addProperty("model", "m");
          config.addProperty("model_provider", "loopback");
          config.add(
              "model_providers",
              object(
                  "loopback",
                  object(
                      "name", "loopback",
                      "base_url", url + "/v1",
                      "env_key", "MODEL_KEY",
                      "wire_api", "responses")));
        },
        Map.of(
            "rules/default.rules",
            "prefix_rule(pattern = [\"touch\"], decision = \"forbidden\")\n"),
        List.of(
            "exec", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox", PROMPT),
        Map.of("read-only", codexIn("read-only"), "workspace-write", codexIn("workspace-write")),
        true,
        "app-server");
  }

  private static List<String> codexIn(String sandbox) {
    return List.of("exec", "--skip-git-repo-check", "--sandbox", sandbox, PROMPT);
  }

  private static Recipe gemini() {
    return new Recipe(
        "gemini",
        "0.61.0",
        List.of("settings.json", ".env"),
        Set.of(
            "hooks*",
            "mcp*",
            "extensions",
            "telemetry",
            "model",
            "GEMINI_*",
            "GOOGLE_*",
            "selected*"),
        url ->
            Map.of(
                "GOOGLE_GEMINI_BASE_URL", url,
                "GEMINI_API_KEY", "none",
                "GEMINI_CLI_TRUST_WORKSPACE", "true"),
        (url, files) -> {
          JsonObject settings = child(files, "settings.json");
          child(settings, "security").add("auth", object("selectedType", "gemini-api-key"));
          child(settings, "privacy").addProperty("usageStatisticsEnabled", false);
        },
        Map.of(
            "policies/deny.toml",
            "[[rule]]\ntoolName = \"run_shell_command\"\ncommandPrefix = \"touch\"\n"
                + "decision = \"deny\"\npriority = 999\n"),
        List.of("--yolo", "-m", "gemini-2.5-flash", "-p", PROMPT),
        Map.of(),
        true,
        "");
  }

  private static Recipe opencode() {
    return new Recipe(
        "opencode",
        "1.18.33",
        List.of("opencode.jsonc", "opencode.json"),
        Set.of(
            "provider",
            "model",
            "small_model",
            "mcp",
            "plugin",
            "agent",
            "mode",
            "instructions",
            "enabled_providers",
            "disabled_providers",
            "experimental"),
        url -> Map.of("OPENCODE_DISABLE_MODELS_FETCH", "1", "OPENCODE_DISABLE_AUTOUPDATE", "1"),
        (url, files) -> {
          JsonObject config =
              child(
                  files, files.containsKey("opencode.jsonc") ? "opencode.jsonc" : "opencode.json");
          config.addProperty("model", "loopback/m");
          config.addProperty("small_model", "loopback/m");
          config.addProperty("autoupdate", false);
          config.addProperty("share", "disabled");
          JsonObject permission = child(config, "permission");
          permission.addProperty("external_directory", "allow");
          permission.add("bash", object("*", "allow", "touch *", "deny"));
          config.add(
              "provider",
              object(
                  "loopback",
                  object(
                      "npm", "@ai-sdk/openai-compatible",
                      "options", object("baseURL", url + "/v1", "apiKey", "none"),
                      "models", object("m", new JsonObject()))));
        },
        Map.of(),
        List.of("run", PROMPT),
        Map.of(),
        true,
        "serve");
  }

  private static Recipe pi() {
    return new Recipe(
        "pi",
        "1.6.0",
        List.of("settings.json"),
        Set.of(
            "packages",
            "extensions",
            "skills",
            "prompts",
            "themes",
            "default*",
            "enabledModels",
            "npmCommand"),
        url -> Map.of("PI_OFFLINE", "1", "PI_TELEMETRY", "0"),
        (url, files) -> {
          JsonObject provider =
              object(
                  "baseUrl",
                  url + "/v1",
                  "api",
                  "openai-completions",
                  "apiKey",
                  "none",
                  "models",
                  array(object("id", "m")));
          files.put("models.json", object("providers", object("loopback", provider)));
        },
        Map.of(),
        List.of("-p", "--provider", "loopback", "--model", "m", PROMPT),
        Map.of(),
        false,
        "");
  }

  private static Recipe qwen() {
    return new Recipe(
        "qwen",
        "0.24.4",
        List.of("settings.json"),
        Set.of("hooks*", "mcp*", "extensions", "telemetry", "model*", "selected*", "env"),
        url ->
            Map.of("OPENAI_BASE_URL", url + "/v1", "OPENAI_API_KEY", "none", "OPENAI_MODEL", "m"),
        (url, files) ->
            add(child(child(files, "settings.json"), "permissions"), "deny", "Bash(touch *)"),
        Map.of(),
        List.of("--yolo", "--auth-type", "openai", "-p", PROMPT),
        Map.of(),
        true,
        "");
  }

  /** Adds an element to an array in an object, which is put in where there is none. */
  private static void add(JsonObject in, String name, String element) {
    JsonArray array = in.get(name) instanceof JsonArray mine ? mine : new JsonArray();
    array.add(element);
    in.add(name, array);
  }

  /** Answers the values of a file, which is made where there is none. */
  private static JsonObject child(Map<String, JsonObject> files, String name) {
    return files.computeIfAbsent(name, n -> new JsonObject());
  }

  /** Answers an object in an object, which is put in where there is none. */
  private static JsonObject child(JsonObject of, String name) {
    if (!(of.get(name) instanceof JsonObject)) {
      of.add(name, new JsonObject());
    }
    return of.getAsJsonObject(name);
  }
}
