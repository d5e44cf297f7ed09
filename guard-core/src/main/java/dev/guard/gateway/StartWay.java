package dev.guard.gateway;

import dev.guard.cgroup.Controller;
import dev.guard.cgroup.Hierarchy;
import dev.guard.cgroup.InheritedLimits;
import dev.guard.os.Kernel;
import dev.guard.os.OsString;
import dev.guard.systemd.Manager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A way to start a gateway in a place of its own: by the service manager where there is one, else
 * by a script that leaves behind what its caller has.
 *
 * @param argv the words; the first one is a path
 * @param environment entries NAME=VALUE, and nothing else of the caller's
 * @param managed whether a manager has the gateway, so that the end of the words is not its end
 */
record StartWay(List<OsString> argv, List<OsString> environment, boolean managed) {
  /** The unit that a manager has a gateway in. */
  static final String UNIT = "guard-gateway-" + GatewaySocket.PROTOCOL + ".service";

  private static final int INIT = 1;
  private static final String USUAL_PATH = "/usr/local/bin:/usr/bin:/bin";

  /**
   * Finds the way.
   *
   * @param folder where guard is installed
   * @param variables the caller's
   * @throws IOException when there is none, with the reason
   */
  static StartWay find(
      Kernel kernel, Path folder, Map<String, String> variables, String home, Path log)
      throws IOException {
    int user = kernel.os().userId();
    if (!Manager.isBooted(kernel.cgroupfs())) {
      return alone(kernel, folder, environment(user, variables, home));
    }
    GatewayUnits units = GatewayUnits.of(kernel, home);
    if (units.areInstalled()) {
      return units.way();
    }
    Manager manager = Manager.of(kernel.cgroupfs(), user, Optional.empty());
    List<String> words = new ArrayList<>(manager.words());
    words.addAll(List.of("--quiet", "--collect", "--no-ask-password", "--unit=" + UNIT));
    words.add("--description=The gateway of guard");
    properties(log).forEach(property -> words.addAll(List.of("-p", property)));
    Optional.ofNullable(variables.get("JAVA_HOME"))
        .ifPresent(java -> words.add("--setenv=JAVA_HOME=" + java));
    words.addAll(List.of(folder.resolve("bin/guard").toString(), "gateway", "run"));
    return new StartWay(strings(words), entries(manager.environment()), true);
  }

  private static List<String> properties(Path log) {
    return List.of(
        "Type=exec",
        "UMask=0077",
        "WorkingDirectory=/",
        "TasksMax=infinity",
        "LimitNOFILE=65536",
        // Of the manager, where a user has set it there for other programs.
        "UnsetEnvironment=XDG_STATE_HOME XDG_CONFIG_HOME",
        "StandardOutput=append:" + log,
        "StandardError=append:" + log);
  }

  private static StartWay alone(Kernel kernel, Path folder, Map<String, String> environment)
      throws IOException {
    int self = kernel.os().pid();
    String mounts = kernel.procfs().text(self, "mountinfo").orElse("");
    List<Hierarchy> here = Hierarchy.parse(mounts, kernel.procfs().text(self, "cgroup").orElse(""));
    List<Hierarchy> usual =
        Hierarchy.parse(mounts, kernel.procfs().text(INIT, "cgroup").orElse(""));
    List<String> words = new ArrayList<>(List.of("/bin/sh"));
    words.add(folder.resolve("lib/gateway-alone").toString());
    for (Hierarchy from : here) {
      for (Hierarchy to : usual) {
        if (to.mountPoint().equals(from.mountPoint()) && !to.self().equals(from.self())) {
          words.add(isBound(kernel, from) ? "must" : "may");
          words.add(to.self().resolve("cgroup.procs").toString());
        }
      }
    }
    return new StartWay(strings(words), entries(environment), false);
  }

  /** Tells whether a gateway that stays in this cgroup would be below a limit. */
  private static boolean isBound(Kernel kernel, Hierarchy here) {
    InheritedLimits limits = new InheritedLimits(kernel.cgroupfs(), List.of(here));
    return List.of(Controller.values()).stream()
        .anyMatch(c -> !limits.suffix(c, Double.POSITIVE_INFINITY).isEmpty());
  }

  private static Map<String, String> environment(
      int user, Map<String, String> variables, String home) {
    Map<String, String> kept = new TreeMap<>();
    variables.forEach(
        (name, value) -> {
          boolean needed =
              name.equals("LANG") || name.startsWith("LC_") || name.equals("JAVA_HOME");
          if (needed) {
            kept.put(name, value);
          }
        });
    kept.put("PATH", variables.getOrDefault("PATH", USUAL_PATH));
    kept.put("HOME", home);
    if (Files.isDirectory(Path.of("/run/user/" + user))) {
      kept.put("XDG_RUNTIME_DIR", "/run/user/" + user);
    }
    return kept;
  }

  private static List<OsString> strings(List<String> words) {
    return words.stream().map(OsString::of).toList();
  }

  static List<OsString> entries(Map<String, String> variables) {
    return variables.entrySet().stream()
        .map(e -> OsString.of(e.getKey() + "=" + e.getValue()))
        .toList();
  }
}
