package dev.guard.cgroup;

/** Holds /proc/self/mountinfo and /proc/self/cgroup of hosts of every kind. */
public final class MountTables {
  static final String NONE =
      """
      23 1 254:1 / / rw,relatime - ext4 /dev/vda1 rw
      24 23 0:21 / /proc rw,nosuid,nodev,noexec,relatime shared:5 - proc proc rw
      """;

  static final String HYBRID =
      NONE
          + """
      31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
      35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
      39 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids
      40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,xattr,name=systemd
      41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
      """;
  static final String HYBRID_MEMBERSHIP =
      """
      9:name=systemd:/
      8:pids:/
      4:memory:/jobs/one
      0::/
      """;

  public static final String V2 =
      NONE
          + """
      30 23 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate
      """;
  public static final String V2_MEMBERSHIP = "0::/user.slice/user-1000.slice/session-2.scope\n";

  static final String V1 =
      NONE
          + """
      31 23 0:28 / /sys/fs/cgroup ro,nosuid,nodev,noexec shared:9 - tmpfs tmpfs ro,mode=755
      32 31 0:30 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid shared:10 - cgroup cgroup rw,cpu,cpuacct
      39 31 0:36 / /sys/fs/cgroup/pids rw,nosuid,nodev,noexec,relatime shared:11 - cgroup cgroup rw,pids
      """;
  static final String V1_MEMBERSHIP =
      """
      7:pids:/user.slice/user-1000.slice
      3:cpu,cpuacct:/user.slice
      1:name=systemd:/user.slice
      """;

  private MountTables() {}
}
