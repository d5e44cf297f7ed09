package dev.guard.cli.doctor.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.guard.cli.setup.SettingsTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class SettingsCopyTest {
  static final List<Recipe> RECIPES = Recipes.ALL;

  @Test
  void whatMayBeASecretIsNotCopiedAtAnyDepth() {
    JsonObject settings =
        JsonParser.parseString(
                """
                {"permissions": {"deny": ["Bash(rm:*)"]},
                 "apiKeyHelper": "x",
                 "env": {"MINE": "1", "GITHUB_TOKEN": "x", "DB_PASSWORD": "x", "https_proxy": "x"},
                 "servers": [{"name": "a", "headers": {"Authorization": "x"}, "client_secret": "x"}],
                 "hooks": {"Stop": []}, "mcpServers": {}, "shellPath": "/bin/sh"}
                """)
            .getAsJsonObject();
    List<String> gone = SettingsCopy.strip(settings, Set.of("hooks", "mcp*"));
    assertThat(settings)
        .isEqualTo(
            JsonParser.parseString(
                """
                {"permissions": {"deny": ["Bash(rm:*)"]}, "env": {"MINE": "1"},
                 "servers": [{"name": "a"}], "shellPath": "/bin/sh"}
                """));
    assertThat(gone)
        .containsExactly(
            "apiKeyHelper",
            "env.GITHUB_TOKEN",
            "env.DB_PASSWORD",
            "env.https_proxy",
            "servers.headers",
            "servers.client_secret",
            "hooks",
            "mcpServers");
  }

  @Test
  void ofVariablesThoseThatMayBeSecretsAreNotCopied() {
    String text = "# mine\nBASH_ENV=/x\nexport GEMINI_API_KEY=x\n SECRET_X = y\nMINE=1\n";
    assertThat(SettingsCopy.stripVariables(text, Set.of("GEMINI_*")))
        .isEqualTo("BASH_ENV=/x\nMINE=1\n");
  }

  @ParameterizedTest
  @FieldSource("RECIPES")
  void noFileOfCredentialsIsCopied(Recipe recipe) {
    assertThat(recipe.settings())
        .allMatch(f -> f.matches("(settings|opencode)\\.jsonc?|config\\.toml|\\.env"));
  }

  @Test
  void whatIsWrittenAsTomlIsReadTheSame() throws IOException {
    Path file = Path.of("config.toml");
    JsonObject read =
        SettingsTree.of(
            file,
            """
            a = "q\\"uo\\\\te"
            [t."x y"]
            n = 1
            f = 1.5
            b = [true, false]
            [[t.list]]
            i = 'j'
            """);
    assertThat(SettingsTree.of(file, TomlWriter.write(read))).isEqualTo(read);
  }

  @ParameterizedTest
  @FieldSource("RECIPES")
  void thePageNamesTheVersionsThatWereTried(Recipe recipe) throws IOException {
    String row = String.format(Locale.ROOT, "| [`%s`](#", recipe.agent());
    assertThat(Files.readString(Path.of("../docs/agents.md")).lines())
        .anyMatch(l -> l.startsWith(row) && l.contains("| " + recipe.version() + " |"));
  }
}
