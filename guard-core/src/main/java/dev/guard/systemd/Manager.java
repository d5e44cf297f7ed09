package dev.guard.systemd;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Describes the service manager of a user: for root the system's, else the user's own.
 *
 * @param flag the option of systemctl and systemd-run that names it
 * @param environment the variables by which it is found, entries NAME=VALUE
 */
public record Manager(String flag, Map<String, String> environment) {
  private static final Path RUN = Path.of("/usr/bin/systemd-run");

  /** Tells whether this machine is under systemd, see sd_booted(3). */
  public static boolean isBooted() {
    return Files.isDirectory(Path.of("/run/systemd/system"));
  }

  /** Finds the manager of a user; empty when none can be asked. */
  public static Optional<Manager> of(int user) {
    Map<String, String> environment = new TreeMap<>(Map.of("PATH", "/usr/bin:/bin", "LC_ALL", "C"));
    if (!isBooted() || !Files.isExecutable(RUN)) {
      return Optional.empty();
    }
    if (user == 0) {
      return Optional.of(new Manager("--system", environment));
    }
    // A minimal environment, as under cron, does not name it.
    Path runtime = Path.of("/run/user/" + user);
    environment.put("XDG_RUNTIME_DIR", runtime.toString());
    boolean there =
        Files.exists(runtime.resolve("systemd/private")) || Files.exists(runtime.resolve("bus"));
    return there ? Optional.of(new Manager("--user", environment)) : Optional.empty();
  }
}
