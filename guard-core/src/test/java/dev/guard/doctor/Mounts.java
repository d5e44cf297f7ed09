package dev.guard.doctor;

import dev.guard.os.Mount;
import java.util.ArrayList;
import java.util.List;

/** Makes texts of /proc/PID/mountinfo, as systemd 252 and unshare(1) leave them on Debian 12. */
final class Mounts {
  static final String DISK = "98:0";
  static final String RUN = "0:19";
  static final String INACCESSIBLE = "/systemd/inaccessible/dir";

  private record Line(
      int id,
      int parent,
      String device,
      String root,
      String point,
      boolean readOnly,
      String type) {}

  private final List<Line> lines = new ArrayList<>();
  private final String tags;
  private int next;

  private Mounts(int first, String tags) {
    this.next = first;
    this.tags = tags;
  }

  /** Those of the host, from mount 16 on. */
  static Mounts host() {
    return copy(16, " shared:1");
  }

  /** A copy for a service, from this mount on. */
  static Mounts systemd(int first) {
    Mounts copy = copy(first, " shared:80 master:1");
    copy.mount("/run/credentials", RUN, INACCESSIBLE, "tmpfs", true);
    return copy.mount("/run/systemd/incoming", RUN, "/systemd/propagate/a.service", "tmpfs", true);
  }

  /** A copy by unshare -m, from this mount on. */
  static Mounts unshared(int first) {
    return copy(first, "");
  }

  /** A file system of its own, as of a container. */
  static Mounts container(int first) {
    Mounts own = new Mounts(first, " master:300");
    return own.mount("/", "0:77", "/", "overlay", false).mount("/proc", "0:78", "/", "proc", false);
  }

  private static Mounts copy(int first, String tags) {
    return new Mounts(first, tags)
        .mount("/", DISK, "/", "ext4", false)
        .mount("/dev", "0:5", "/", "devtmpfs", false)
        .mount("/proc", "0:15", "/", "proc", false)
        .mount("/sys", "0:16", "/", "sysfs", false)
        .mount("/sys/fs/cgroup", "0:21", "/", "cgroup2", false)
        .mount("/run", RUN, "/", "tmpfs", false)
        .mount("/run/user/1000", "0:28", "/", "tmpfs", false);
  }

  /** Mounts something on what is there. */
  Mounts mount(String point, String device, String root, String type, boolean readOnly) {
    int parent = lines.isEmpty() ? next - 1 : table().covering(point).orElseThrow().id();
    lines.add(new Line(next, parent, device, root, point, readOnly, type));
    next++;
    return this;
  }

  /** A directory on itself with all that is mounted in it, which is changed without the rest. */
  Mounts bind(String point, boolean readOnly) {
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
  Mounts allReadOnly() {
    lines.replaceAll(
        l -> new Line(l.id(), l.parent(), l.device(), l.root(), l.point(), true, l.type()));
    return this;
  }

  /** Without a mount, as if it had come later. */
  Mounts without(String point) {
    lines.removeIf(l -> l.point().equals(point));
    return this;
  }

  String text() {
    StringBuilder text = new StringBuilder();
    for (Line l : lines) {
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
