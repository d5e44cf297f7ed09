package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.LayerName;
import dev.guard.cli.exec.ExecOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Checks that the Markdown pages name only things that are there, in the program and in each other.
 */
class DocumentsTest {
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)(?:#[^)]*)?\\)");

  @Test
  void theReadmeBeginsWithTheTwoCommandsThatBuildAndTest() {
    List<String> blocks =
        Pattern.compile("(?s)```sh\n(.*?)\n```")
            .matcher(Documents.text("README.md"))
            .results()
            .map(r -> r.group(1))
            .limit(2)
            .toList();

    assertThat(blocks)
        .containsExactly(
            "mvn -q -DskipTests package && guard-cli/target/guard/bin/guard exec -- echo \"hello from inside the limits\"",
            "mvn verify");
  }

  @Test
  void theReadmeHasEveryLayerAndTheFlagAndVariableOfItsSetting() {
    String readme = Documents.text("README.md");

    assertThat(LayerName.values())
        .allSatisfy(layer -> assertThat(readme).contains("| " + layer.text() + " |"));
    assertThat(ExecOption.ALL)
        .filteredOn(o -> o.setting().flatMap(s -> s.layer()).isPresent())
        .allSatisfy(
            o -> {
              String flagAndVariable = "`" + o.name() + "`, `" + o.setting().get().variable() + "`";
              assertThat(readme).contains(flagAndVariable);
            });
  }

  @Test
  void everyOptionOfExecOccursInAPage() throws IOException {
    String pages = Documents.allPages();

    assertThat(ExecOption.ALL)
        .filteredOn(o -> !o.name().equals("--help"))
        .allSatisfy(o -> assertThat(pages).contains(o.name()));
  }

  @Test
  void everyLinkToAFileLeadsToOne() throws IOException {
    List<String> broken = new ArrayList<>();
    for (Path page : Documents.pages()) {
      LINK.matcher(Files.readString(page))
          .results()
          .map(r -> r.group(1))
          .filter(target -> !Files.exists(page.resolveSibling(target)))
          .forEach(target -> broken.add(page.getFileName() + " -> " + target));
    }

    assertThat(broken).isEmpty();
  }

  @Test
  void everyPackageIsDescribed() throws IOException {
    List<Path> undescribed = new ArrayList<>();
    for (String module : List.of("guard-core", "guard-cli", "guard-examples")) {
      try (Stream<Path> sources = Files.walk(Documents.ROOT.resolve(module + "/src/main/java"))) {
        sources
            .filter(file -> file.toString().matches(".*(?<!module-info)[.]java"))
            .map(Path::getParent)
            .distinct()
            .filter(folder -> !Files.exists(folder.resolve("package-info.java")))
            .forEach(undescribed::add);
      }
    }

    assertThat(undescribed).isEmpty();
  }
}
