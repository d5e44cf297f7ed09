package dev.guard.doctor;

import dev.guard.doctor.Namespaces.Namespace;
import dev.guard.os.Os;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/** What brings processes back to the mounts of the host. */
final class NamespaceRemedy {
  private static final String FILE = "zz-guard-namespace.conf";
  private static final String AGAIN =
      "# Start again what is still needed, from a shell that sees the mounts of process 1.\n";

  private final Users users;
  private final int self;

  NamespaceRemedy(Users users, Os os) {
    this.users = users;
    this.self = os.userId();
  }

  Remedy of(Namespace namespace, Cause cause, List<Watched> watched) {
    return switch (cause.kind()) {
      case UNIT -> unit(namespace, cause.unit().orElseThrow(), watched, true);
      case FORMER -> unit(namespace, cause.unit().orElseThrow(), watched, false);
      case DIRECTIVES, UNSHARE ->
          new Remedy.Script(isForRoot(watched), end(namespace, watched) + AGAIN);
      case CHROOT ->
          new Remedy.Person("Start it without chroot, if it is to see the files of the host.");
      case CONTAINER ->
          new Remedy.Person("Change the mounts where the container is made, if they are wrong.");
    };
  }

  private Remedy unit(
      Namespace namespace, UnitSettings settings, List<Watched> watched, boolean reset) {
    UnitName unit = settings.unit();
    if (reset && !settings.canBeReset()) {
      return new Remedy.Person(
          "Start it from another unit than "
              + unit
              + ", which can not be without its "
              + String.join(" ", settings.lines())
              + ".");
    }
    Optional<String> directory = directory(unit);
    if (reset && directory.isEmpty()) {
      return new Remedy.Person(
          "Take " + String.join(" ", settings.lines()) + " out of the unit " + unit + ".");
    }
    List<Watched> others = watched.stream().filter(w -> !isEnded(w, settings)).toList();
    String before =
        reset
            ? write(unit, directory.orElseThrow() + "/" + unit.name() + ".d/" + FILE, settings)
                + systemctl(unit, "daemon-reload")
            : systemctl(unit, "daemon-reload");
    return new Remedy.Script(
        unit.user().isEmpty() || self == 0,
        before + end(namespace, others) + systemctl(unit, "restart " + Remedy.quoted(unit.name())));
  }

  private static boolean isEnded(Watched w, UnitSettings settings) {
    return w.unit().filter(settings.unit()::includes).isPresent() && settings.restartEnds(w.pid());
  }

  private Optional<String> directory(UnitName unit) {
    return unit.user().isEmpty()
        ? Optional.of("/etc/systemd/system")
        : users
            .find(unit.user().getAsInt())
            .home()
            .map(h -> (h.equals("/") ? "" : h) + "/.config/systemd/user");
  }

  /** In the directory of a user nothing is written as root: a link there could lead anywhere. */
  private String write(UnitName unit, String path, UnitSettings settings) {
    String text = Remedy.write(path, settings.reset());
    if (!isOthers(unit)) {
      return text;
    }
    return text.lines()
        .map(line -> as(unit.user()) + "sh -c " + Remedy.quoted(line) + "\n")
        .collect(Collectors.joining());
  }

  private String systemctl(UnitName unit, String words) {
    if (unit.user().isEmpty()) {
      return "systemctl " + words + "\n";
    }
    String runtime =
        "XDG_RUNTIME_DIR=/run/user/" + Integer.toUnsignedString(unit.user().getAsInt());
    return isOthers(unit)
        ? as(unit.user()) + "env " + runtime + " systemctl --user " + words + "\n"
        : runtime + " systemctl --user " + words + "\n";
  }

  private boolean isOthers(UnitName unit) {
    return unit.user().isPresent() && unit.user().getAsInt() != self;
  }

  private String as(OptionalInt user) {
    return "runuser -u " + Remedy.quoted(users.find(user.getAsInt()).name()) + " -- ";
  }

  private boolean isForRoot(List<Watched> watched) {
    return watched.stream().anyMatch(w -> w.user() != self || self == 0);
  }

  /**
   * Ends processes that hold a namespace: TERM, and KILL for who is there still after a while, as a
   * shell at its prompt is. A number may have become another process's by then, so each time it is
   * asked whether it holds the namespace.
   */
  private static String end(Namespace namespace, List<Watched> watched) {
    if (watched.isEmpty()) {
      return "";
    }
    String all = watched.stream().map(w -> " " + w.pid()).collect(Collectors.joining());
    return "holds() { grep -qs '^"
        + namespace.id().orElseThrow()
        + " ' \"/proc/$1/mountinfo\"; }\n"
        + ("for pid in" + all + "; do ! holds $pid || kill $pid || :; done\n")
        + ("for pid in" + all + "; do for i in 1 2 3; do ! holds $pid || sleep 1; done; done\n")
        + ("for pid in" + all + "; do ! holds $pid || kill -KILL $pid || :; done\n");
  }
}
