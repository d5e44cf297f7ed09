package dev.guard.doctor.namespace;

import dev.guard.os.Mount;
import java.util.ArrayList;
import java.util.List;

/** Makes texts of /proc/PID/mountinfo, as systemd 252 and unshare(1) leave them on Debian 12. */
final class MountinfoText {
  static final String DISK = "98:0";
  static final String RUN = "0:19";
  static final String INACCESSIBLE = "/systemd/inaccessible/dir";

  private record MountLine(
      int id,
      int parent,
      String device,
      String root,
      String point,
      boolean readOnly,
      String type) {}

  private final List<MountLine> lines = new ArrayList<>();
  private final String tags;
  private int next;

  private MountinfoText(int first, String tags) {
    this.next = first;
    this.tags = tags;
  }

  /** Those of the host, from mount 16 on. */
  static MountinfoText host() {
    return copy(16, " shared:1");
  }

  /** A copy for a service, from this mount on. */
  static MountinfoText systemd(int first) {
    MountinfoText copy = copy(first, " shared:80 master:1");
    copy.mount("/run/credentials", RUN, INACCESSIBLE, "tmpfs", true);
    return copy.mount("/run/systemd/incoming", RUN, "/systemd/propagate/a.service", "tmpfs", true);
  }

  /** A copy by unshare -m, from this mount on. */
  static MountinfoText unshared(int first) {
    return copy(first, "");
  }

  /** A file system of its own, as of a container. */
  static MountinfoText container(int first) {
    MountinfoText own = new MountinfoText(first, " master:300");
    return own.mount("/", "0:77", "/", "overlay", false).mount("/proc", "0:78", "/", "proc", false);
  }

  private static MountinfoText copy(int first, String tags) {
    return new MountinfoText(first, tags)
        .mount("/", DISK, "/", "ext4", false)
        .mount("/dev", "0:5", "/", "devtmpfs", false)
        .mount("/proc", "0:15", "/", "proc", false)
        .mount("/sys", "0:16", "/", "sysfs", false)
        .mount("/sys/fs/cgroup", "0:21", "/", "cgroup2", false)
        .mount("/run", RUN, "/", "tmpfs", false)
        .mount("/run/user/1000", "0:28", "/", "tmpfs", false);
  }

  /** Mounts something on what is there. */
  MountinfoText mount(String point, String device, String root, String type, boolean readOnly) {
    int parent = lines.isEmpty() ? next - 1 : table().covering(point).orElseThrow().id();
    lines.add(new MountLine(next, parent, device, root, point, readOnly, type));
    next++;
    return this;
  }

  /** A directory on itself with all that is mounted in it, which is changed without the rest. */
  MountinfoText bind(String point, boolean readOnly) {
    MountTable before = table();
    mountAgain(point, before, readOnly);
    for (String below : before.points()) {
      if (below.startsWith(point + "/")) {
        mountAgain(below, before, readOnly);
      }
    }
    return this;
  }

  private void mountAgain(String point, MountTable before, boolean readOnly) {
    Mount on = before.covering(point).orElseThrow();
    String below = on.point().equals("/") ? point : point.substring(on.point().length());
    String root = below.isEmpty() ? on.root() : (on.root() + below).replace("//", "/");
    mount(point, on.device(), root, on.type(), readOnly);
  }

  /** All that is there made read-only, as ProtectSystem=strict begins. */
  MountinfoText allReadOnly() {
    lines.replaceAll(
        l -> new MountLine(l.id(), l.parent(), l.device(), l.root(), l.point(), true, l.type()));
    return this;
  }

  /** Without a mount, as if it had come later. */
  MountinfoText without(String point) {
    lines.removeIf(l -> l.point().equals(point));
    return this;
  }

  String text() {
    StringBuilder text = new StringBuilder();
    for (MountLine l : lines) {
      text.append(
          "%d %d %s %s %s %s,relatime%s - %s none rw\n"
              .formatted(
                  l.id(),
                  l.parent(),
                  l.device(),
                  l.root(),
                  l.point(),
                  l.readOnly() ? "ro" : "rw",
                  tags,
                  l.type()));
    }
    return text.toString();
  }

  MountTable table() {
    return MountTable.parse(text());
  }
}
