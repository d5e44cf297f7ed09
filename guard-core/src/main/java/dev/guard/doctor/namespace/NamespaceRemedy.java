package dev.guard.doctor.namespace;

import dev.guard.doctor.finding.Remedy;
import dev.guard.doctor.machine.ExaminedMachine;
import dev.guard.doctor.machine.ServiceManagers;
import dev.guard.doctor.machine.SystemdUnit;
import dev.guard.doctor.namespace.Namespaces.Namespace;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Finds a way to bring processes back to the mounts of the host. */
final class NamespaceRemedy {
  private static final String FILE = "zz-guard-namespace.conf";
  private static final String AGAIN =
      "# Start again what is still needed, from a shell that sees the mounts of process 1.\n";

  private final ShownUsers users;
  private final ServiceManagers managers;
  private final int self;

  NamespaceRemedy(ShownUsers users, ExaminedMachine machine) {
    this.users = users;
    this.managers = new ServiceManagers(machine);
    this.self = machine.os().userId();
  }

  Remedy of(Namespace namespace, NamespaceCause cause, List<ExaminedProcess> examined)
      throws IOException {
    return switch (cause.kind()) {
      case UNIT -> unit(namespace, cause.unit().orElseThrow(), examined, true);
      case FORMER -> unit(namespace, cause.unit().orElseThrow(), examined, false);
      case DIRECTIVES, UNSHARE ->
          cause.silent().isEmpty()
              ? ending(namespace, examined)
              : new Remedy.Advice(
                  "Run the doctor where the manager of the unit can be asked"
                      + (self == 0 ? "." : ", for example as root."));
      case CHROOT ->
          new Remedy.Advice("Start it without chroot, if it is to see the files of the host.");
      case CONTAINER ->
          new Remedy.Advice("Change the mounts where the container is made, if they are wrong.");
    };
  }

  private Remedy unit(
      Namespace namespace, UnitSettings settings, List<ExaminedProcess> examined, boolean reset)
      throws IOException {
    SystemdUnit unit = settings.unit();
    if (reset && !settings.canBeReset()) {
      return new Remedy.Advice(
          "Start it from another unit than "
              + settings.name()
              + ", which can not be without its "
              + String.join(" ", settings.lines())
              + ".");
    }
    if (reset && settings.isTransient()) {
      return new Remedy.Advice(
          "Start "
              + settings.name()
              + " again without "
              + String.join(" ", settings.lines())
              + ": it is transient, and what made it has told it so, for example systemd-run -p.");
    }
    Optional<String> directory = directory(unit);
    if (reset && directory.isEmpty()) {
      return new Remedy.Advice(
          "Take "
              + String.join(" ", settings.lines())
              + " out of the unit "
              + settings.name()
              + ".");
    }
    List<ExaminedProcess> others =
        examined.stream()
            .filter(w -> !isEnded(w, settings))
            .filter(ExaminedProcess::mayBeEnded)
            .toList();
    String before =
        reset
            ? write(unit, directory.orElseThrow() + "/" + unit.name() + ".d/" + FILE, settings)
                + systemctl(unit, "daemon-reload")
            : systemctl(unit, "daemon-reload");
    return new Remedy.Script(
        unit.user().isEmpty() || self == 0,
        before + end(namespace, others) + systemctl(unit, restart(unit)));
  }

  private Remedy ending(Namespace namespace, List<ExaminedProcess> examined) {
    List<ExaminedProcess> known = examined.stream().filter(ExaminedProcess::mayBeEnded).toList();
    return known.isEmpty()
        ? new Remedy.Advice(
            "Have whoever started it start it again from a shell that sees the mounts of"
                + " process 1.")
        : new Remedy.Script(isForRoot(known), end(namespace, known) + AGAIN);
  }

  private static boolean isEnded(ExaminedProcess w, UnitSettings settings) {
    return w.unit().filter(settings::includes).isPresent() && settings.restartEnds(w.pid());
  }

  private Optional<String> directory(SystemdUnit unit) {
    return unit.user().isEmpty()
        ? Optional.of("/etc/systemd/system")
        : users
            .find(unit.user().get())
            .home()
            .map(h -> (h.equals("/") ? "" : h) + "/.config/systemd/user");
  }

  /**
   * Writes a file as the user who owns the directory, not as root: a link there could lead
   * anywhere.
   */
  private String write(SystemdUnit unit, String path, UnitSettings settings) throws IOException {
    String text = Remedy.write(path, settings.reset());
    if (!isOthers(unit)) {
      return text;
    }
    String as = managers.asUser(unit.user().get());
    return text.lines()
        .map(line -> as + " sh -c " + Remedy.quoted(line) + "\n")
        .collect(Collectors.joining());
  }

  /** Puts -- before a name that begins as an option does. */
  private static String restart(SystemdUnit unit) {
    return "restart " + (unit.name().startsWith("-") ? "-- " : "") + Remedy.quoted(unit.name());
  }

  private String systemctl(SystemdUnit unit, String words) throws IOException {
    if (unit.user().isEmpty()) {
      return "systemctl " + words + "\n";
    }
    int user = unit.user().get();
    String as =
        isOthers(unit) ? managers.asUser(user) : "XDG_RUNTIME_DIR=" + ServiceManagers.runtime(user);
    return as + " systemctl --user " + words + "\n";
  }

  private boolean isOthers(SystemdUnit unit) {
    return unit.user().filter(user -> user != self).isPresent();
  }

  private boolean isForRoot(List<ExaminedProcess> examined) {
    return examined.stream().anyMatch(w -> w.user() != self || self == 0);
  }

  /**
   * Ends processes that hold a namespace: TERM, and KILL for those that are there still after a
   * while, as a shell at its prompt is. A number may have become another process's by then, so each
   * time it is asked whether it holds the namespace.
   */
  private static String end(Namespace namespace, List<ExaminedProcess> examined) {
    if (examined.isEmpty()) {
      return "";
    }
    String all = examined.stream().map(w -> " " + w.pid()).collect(Collectors.joining());
    return "holds() { grep -qs '^"
        + namespace.id().orElseThrow()
        + " ' \"/proc/$1/mountinfo\"; }\n"
        + ("for pid in" + all + "; do ! holds $pid || kill $pid || :; done\n")
        + ("for pid in" + all + "; do for i in 1 2 3; do ! holds $pid || sleep 1; done; done\n")
        + ("for pid in" + all + "; do ! holds $pid || kill -KILL $pid || :; done\n");
  }
}
