package dev.guard.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Calls the packaged guard by a shell in a folder that is its home and its project. */
record ConfigFixture(Path folder) {
  static final String USER_FILE = ".config/guard/config.toml";

  /** A script left this: its status and the lines of both streams. */
  record ScriptOutput(int status, List<String> output, List<String> errors) {}

  ConfigFixture file(String name, String... lines) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.write(file, Arrays.asList(lines));
    return this;
  }

  /** Runs {@code script}, in which {@code guard} is the packaged one; variables are name, value. */
  ScriptOutput run(String script, String... variables) {
    GuardProcess process =
        GuardProcess.script("guard() { \"$GUARD\" \"$@\"; }\n" + script)
            .in(folder)
            .without("XDG_CONFIG_HOME")
            .with("HOME", folder.toString());
    for (int i = 0; i < variables.length; i += 2) {
      process = process.with(variables[i], variables[i + 1]);
    }
    Finished finished = process.run();
    return new ScriptOutput(finished.exit(), finished.lines(), finished.errors().lines().toList());
  }
}
