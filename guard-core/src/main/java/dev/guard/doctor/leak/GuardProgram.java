package dev.guard.doctor.leak;

import dev.guard.doctor.finding.Remedy;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;

/** Finds the program by which a script calls this guard. */
final class GuardProgram {
  private GuardProgram() {}

  /**
   * Answers the absolute path of bin/guard beside the jar that this class is in, if it is in one;
   * else guard.
   */
  static String words() {
    try {
      CodeSource source = GuardProgram.class.getProtectionDomain().getCodeSource();
      Path jar = Path.of(source.getLocation().toURI());
      Path program = jar.getParent().resolveSibling("bin").resolve("guard");
      return Files.isExecutable(program) ? Remedy.quoted(program.toRealPath().toString()) : "guard";
    } catch (URISyntaxException | IOException e) {
      // Wherever this class was loaded from, there is no launcher beside it.
      return "guard";
    }
  }
}
