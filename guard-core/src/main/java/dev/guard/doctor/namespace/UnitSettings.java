package dev.guard.doctor.namespace;

import dev.guard.doctor.machine.ServiceManagers;
import dev.guard.doctor.machine.SystemdUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Holds what a manager says of a unit.
 *
 * @param directives the directives that are set and give the unit a mount namespace of its own,
 *     with their values
 * @param mainPid the unit's main process; 0 when it has none
 * @param killMode whom a restart ends
 * @param isTransient whether a program has made the unit, so that no file of it lasts
 */
record UnitSettings(
    SystemdUnit unit,
    Map<String, String> directives,
    int mainPid,
    String killMode,
    boolean isTransient) {
  /**
   * The values at which directives do not give a service a mount namespace, see systemd.exec(5),
   * and exec_needs_mount_namespace() in systemd's source.
   */
  private static final Map<String, String> OFF =
      lines(
          """
          ProtectSystem=no
          ProtectHome=no
          PrivateTmp=no
          ReadWritePaths=
          ReadOnlyPaths=
          InaccessiblePaths=
          ExecPaths=
          NoExecPaths=
          BindPaths=
          BindReadOnlyPaths=
          TemporaryFileSystem=
          PrivateDevices=no
          PrivateMounts=no
          PrivateIPC=no
          ProtectKernelTunables=no
          ProtectKernelModules=no
          ProtectKernelLogs=no
          ProtectControlGroups=no
          ProtectProc=default
          ProcSubset=all
          LogNamespace=
          MountFlags=
          DynamicUser=no
          RootDirectory=
          RootImage=
          MountImages=
          ExtensionImages=
          ExtensionDirectories=
          """);

  /**
   * The directives that can not be taken back, or it would be another service: the program that it
   * runs, or its user, depends on them.
   */
  private static final Set<String> ESSENTIAL =
      Set.of(
          "DynamicUser",
          "RootDirectory",
          "RootImage",
          "MountImages",
          "ExtensionImages",
          "ExtensionDirectories");

  /** The properties that a manager is asked for. */
  static final List<String> PROPERTIES =
      Stream.concat(
              Stream.of("LoadState", "MainPID", "KillMode", ServiceManagers.TRANSIENT),
              OFF.keySet().stream())
          .toList();

  private static Map<String, String> lines(String lines) {
    Map<String, String> values = new LinkedHashMap<>();
    lines
        .lines()
        .map(l -> l.split("=", 2))
        .forEach(nameAndValue -> values.put(nameAndValue[0], nameAndValue[1]));
    return values;
  }

  static UnitSettings of(SystemdUnit unit, Map<String, String> properties) {
    Map<String, String> directives = new LinkedHashMap<>();
    OFF.forEach(
        (name, off) -> {
          // A manager that is older than a directive does not name it.
          String value = properties.getOrDefault(name, off);
          if (!value.equals(off)) {
            // The user decides what a user's manager answers, and that goes to root's terminal.
            directives.put(name, value.replaceAll(ShownUsers.UNSHOWN, "?"));
          }
        });
    String main = properties.getOrDefault("MainPID", "0");
    return new UnitSettings(
        unit,
        directives,
        main.matches("[0-9]{1,9}") ? Integer.parseInt(main) : 0,
        properties.getOrDefault("KillMode", "control-group"),
        properties.getOrDefault(ServiceManagers.TRANSIENT, "no").equals("yes"));
  }

  /** Names the unit for people. */
  String name() {
    return name(unit);
  }

  /** Names a unit for people. */
  static String name(SystemdUnit unit) {
    return unit.name() + unit.user().map(u -> " of user " + Integer.toUnsignedString(u)).orElse("");
  }

  /**
   * Answers whether ending this unit ends the other one too: a user's manager has all of the user's
   * units.
   */
  boolean includes(SystemdUnit other) {
    return unit.user().equals(other.user())
        ? unit.name().equals(other.name())
        : managerOf(other).filter(m -> m.name().equals(unit.name())).isPresent();
  }

  /** Answers the system's unit that the manager of a user's unit runs in. */
  static Optional<SystemdUnit> managerOf(SystemdUnit unit) {
    return unit.user()
        .map(Integer::toUnsignedString)
        .map(
            u ->
                new SystemdUnit(
                    "user@" + u + ".service", "user-" + u + ".slice", Optional.empty()));
  }

  /** Answers whether a file beside the unit's own can take the directives back. */
  boolean canBeReset() {
    return directives.keySet().stream().noneMatch(ESSENTIAL::contains);
  }

  /** Answers the text of the file that takes the directives back. */
  String reset() {
    return directives.keySet().stream()
        .map(name -> name + "=" + OFF.get(name) + "\n")
        .collect(Collectors.joining("", "[Service]\n", ""));
  }

  /** Answers whether a restart ends this process of the unit. */
  boolean restartEnds(int pid) {
    return pid == mainPid || killMode.equals("control-group") || killMode.equals("mixed");
  }

  /** Answers the directives as they stand in a unit's file. */
  List<String> lines() {
    return directives.entrySet().stream().map(d -> d.getKey() + "=" + d.getValue()).toList();
  }
}
