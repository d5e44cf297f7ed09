package dev.guard.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** docs/library.md quotes the example; this keeps the quotation the same as what is compiled. */
class LibraryPageTest {
  private static final Path SOURCE =
      Path.of("src/main/java/dev/guard/examples/RunWithTimeout.java");
  private static final Path PAGE = Path.of("../docs/library.md");

  @Test
  void quotesTheMainMethodAsItIsCompiled() throws IOException {
    String source = Files.readString(SOURCE);
    int start = source.indexOf("  public static void main");
    int end = source.indexOf("\n  }\n", start) + "\n  }".length();
    String method = source.substring(start, end).stripIndent();

    assertThat(Files.readString(PAGE)).contains("```java\n" + method + "\n```\n");
  }
}
