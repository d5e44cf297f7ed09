package dev.guard.systemd;

import dev.guard.os.Cgroupfs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Describes the service manager that systemd-run(1) asks for a user: for root the system's, else
 * the user's own.
 *
 * @param words the program, with the option that names the manager
 * @param environment the variables by which it is found, and no others
 */
public record Manager(List<String> words, Map<String, String> environment) {
  private static final Path PROGRAM = Path.of("/usr/bin/systemd-run");

  /** Says that a user has no manager to be asked, and why. */
  public static final class NoManagerException extends IOException {
    private static final long serialVersionUID = 1L;

    NoManagerException(String why) {
      super(why);
    }
  }

  /** Tells whether this host is under systemd, see sd_booted(3). */
  public static boolean isBooted(Cgroupfs fs) {
    return fs.has(Path.of("/run/systemd/system"), "");
  }

  /**
   * Finds the manager of a user.
   *
   * @param runtimeDirectory XDG_RUNTIME_DIR, if it is set
   * @throws NoManagerException with the reason, and a remedy where there is one
   */
  public static Manager of(Cgroupfs fs, int user, Optional<String> runtimeDirectory)
      throws NoManagerException {
    if (!isBooted(fs)) {
      throw new NoManagerException("systemd does not run here");
    }
    if (!fs.has(PROGRAM, "")) {
      throw new NoManagerException("there is no " + PROGRAM);
    }
    List<String> words = new ArrayList<>(List.of(PROGRAM.toString()));
    Map<String, String> environment = new TreeMap<>(Map.of("PATH", "/usr/bin:/bin", "LC_ALL", "C"));
    if (user != 0) {
      words.add("--user");
      environment.put("XDG_RUNTIME_DIR", runtime(fs, user, runtimeDirectory).toString());
    }
    return new Manager(words, environment);
  }

  /** Finds the runtime directory. A minimal environment, as under cron, does not name it. */
  private static Path runtime(Cgroupfs fs, int user, Optional<String> named)
      throws NoManagerException {
    List<Path> candidates = new ArrayList<>();
    named.filter(d -> d.startsWith("/")).map(Path::of).ifPresent(candidates::add);
    candidates.add(Path.of("/run/user/" + user));
    return candidates.stream()
        .filter(d -> fs.has(d, "systemd/private") || fs.has(d, "bus"))
        .findFirst()
        .orElseThrow(
            () ->
                new NoManagerException(
                    "user "
                        + user
                        + " has no systemd manager in /run/user/"
                        + user
                        + "; loginctl enable-linger starts one"));
  }
}
