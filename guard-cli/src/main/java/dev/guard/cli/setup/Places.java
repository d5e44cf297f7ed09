package dev.guard.cli.setup;

import dev.guard.os.OsString;
import dev.guard.value.Environment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Where things are for one call of setup.
 *
 * @param home the user's home directory
 * @param project the working directory
 * @param guard the folder that guard is installed in
 * @param environment of the caller
 */
record Places(Path home, Path project, Path guard, Environment environment) {
  /** Answers the shell for a setting that names one. */
  String bash() {
    return guard.resolve("libexec/guard/bash").toString();
  }

  String guardShell() {
    return guard.resolve("bin/guard-shell").toString();
  }

  /** Answers the file for the variable BASH_ENV. */
  String bashEnv() {
    return guard.resolve("share/guard/bash-env.sh").toString();
  }

  /**
   * Refuses a folder that lacks what agents are led to: an agent finds nothing there, and runs its
   * commands bare without a word.
   */
  void requireShells() throws IOException {
    for (String file : List.of(bash(), guardShell(), bashEnv())) {
      if (!Files.isRegularFile(Path.of(file))) {
        throw new IOException("setup: there is no " + file + "; install guard anew");
      }
    }
  }

  /** Answers how guard is called: by its name where PATH leads to this one, else by its path. */
  String guardCall() throws IOException {
    Path program = guard.resolve("bin/guard");
    Optional<Path> found = inPath("guard").stream().findFirst();
    return found.isPresent() && Files.isSameFile(found.get(), program)
        ? "guard"
        : program.toString();
  }

  Optional<String> variable(String name) {
    return environment.get(name).map(OsString::toString).filter(v -> !v.isEmpty());
  }

  /** Answers the directory that a variable names, if it is absolute, or one in the home. */
  Path directory(String variable, String usual) {
    return variable(variable)
        .map(Path::of)
        .filter(Path::isAbsolute)
        .orElse(home.resolve(usual))
        .normalize();
  }

  /** Lists the programs of a name in PATH, in its order, but for Guard's launchers. */
  List<Path> inPath(String program) {
    return Arrays.stream(variable("PATH").orElse("").split(":", -1))
        .filter(d -> d.startsWith("/"))
        .map(d -> Path.of(d).resolve(program))
        .filter(p -> Files.isRegularFile(p) && Files.isExecutable(p))
        .toList();
  }
}
