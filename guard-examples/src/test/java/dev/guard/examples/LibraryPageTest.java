package dev.guard.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** docs/library.md quotes the examples; this keeps the quotations the same as what is compiled. */
class LibraryPageTest {
  private static final Path SOURCES = Path.of("src/main/java/dev/guard/examples");
  private static final Path PAGE = Path.of("../docs/library.md");

  @ParameterizedTest
  @ValueSource(strings = {"RunWithTimeout", "TenInParallel"})
  void quotesAnExampleAsItIsCompiledWithItsImports(String name) throws IOException {
    String source = Files.readString(SOURCES.resolve(name + ".java"));
    String imports = source.substring(source.indexOf("import "), source.indexOf("\n\n/**") + 1);
    int start = source.indexOf("  public static void main");
    int end = source.indexOf("\n  }\n", start) + "\n  }".length();
    String method = source.substring(start, end).stripIndent();

    assertThat(Files.readString(PAGE)).contains("```java\n" + imports + "\n" + method + "\n```\n");
  }

  /** The page's shorter pieces are the body of a method that is compiled. */
  @Test
  void quotesThePiecesAsTheyAreCompiled() throws IOException {
    String source = Files.readString(SOURCES.resolve("Pieces.java"));
    String page = Files.readString(PAGE);
    int from = source.indexOf("// piece\n");
    int count = 0;
    while (from >= 0) {
      int start = from + "// piece\n".length();
      int end = source.indexOf("\n  }\n", start) + "\n  }\n".length();
      int next = source.indexOf("// piece\n", start);
      String piece = source.substring(start, end);
      String body = piece.substring(piece.indexOf("{\n") + 2, piece.lastIndexOf("  }\n"));
      assertThat(page).contains(body.stripTrailing().stripIndent());
      count++;
      from = next;
    }
    assertThat(count).isEqualTo(5);
  }
}
