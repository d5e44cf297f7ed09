package dev.guard.os;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Reads the proc file system below a path, see proc(5): a method for each question to one file. A
 * process that has gone is an empty answer; any other failure throws.
 */
public final class Procfs {
  private static final int FLAGS = 6;
  private static final int UTIME = 11;
  private static final int CSTIME = 14;
  // USER_HZ is 100 on every architecture that Guard runs on.
  private static final long MICROS_OF_TICK = 10_000;
  // PROC_TIME_INIT_INO of linux/proc_ns.h.
  private static final String FIRST_TIME_NAMESPACE = "time:[4026531834]";

  // linux/sched.h
  private static final long PF_EXITING = 4;

  private final Path root;
  // The root once more, as text: a Path for each file costs more than the read of it.
  private final String at;
  private final KernelFiles files;
  private volatile boolean listsChildren;

  /** Reads the proc file system that is mounted at {@code root}. */
  public Procfs(Path root) {
    this(root, KernelFiles.SYSTEM);
  }

  /** Reads the files of a proc file system in this way. */
  public Procfs(Path root, KernelFiles files) {
    this.root = root;
    this.at = root + "/";
    this.files = files;
  }

  private Optional<byte[]> read(String file) throws IOException {
    return files.read(at + file);
  }

  private Optional<byte[]> read(int pid, String file) throws IOException {
    return files.read(at + pid + "/" + file);
  }

  private Optional<byte[]> records(int pid, String file) throws IOException {
    return files.records(at + pid + "/" + file);
  }

  /** Reads the proc file system at /proc. */
  public static Procfs system() {
    return new Procfs(Path.of("/proc"));
  }

  /**
   * Holds a line of /proc/PID/stat.
   *
   * @param state the state of the process's first thread: one letter, Z for a zombie
   * @param threads the number of the process's threads; the first one stays, as a zombie, until all
   *     have ended
   * @param startTicks the start time in clock ticks after boot; with the pid and the boot id it
   *     identifies a process
   */
  public record Stat(
      int pid,
      String command,
      char state,
      int parent,
      int group,
      int session,
      int threads,
      long startTicks) {
    /**
     * Tells whether the process has ended, with all its threads, and only waits for its parent to
     * notice.
     */
    public boolean ended() {
      return (state == 'Z' || state == 'X') && threads <= 1;
    }

    /** Says which process this is. */
    public ProcessId id() {
      return new ProcessId(pid, startTicks);
    }
  }

  /** Reads /proc/PID/stat. */
  public Optional<Stat> stat(int pid) throws IOException {
    return records(pid, "stat").map(StatLine::parse);
  }

  /** Reads /proc/PID/status. */
  public Optional<ProcessStatus> status(int pid) throws IOException {
    return records(pid, "status").map(ProcessStatus::parse);
  }

  /**
   * Reads how much rather than others the kernel kills this process when memory is used up, from
   * -1000 to 1000; see proc_pid_oom_score_adj(5).
   */
  public int oomScoreAdjustment(int pid) throws IOException {
    return read(pid, "oom_score_adj")
        .map(b -> Integer.parseInt(new String(b, StandardCharsets.US_ASCII).trim()))
        .orElseThrow(() -> new NoSuchFileException(at + pid + "/oom_score_adj"));
  }

  /** Names the file of {@link #oomScoreAdjustment}. */
  public String oomScoreFile(int pid) {
    return at + pid + "/oom_score_adj";
  }

  /** Finds the effective user id of a process; -1 when it has gone. */
  public int owner(int pid) {
    try {
      return (int) Files.getAttribute(process(pid), "unix:uid");
    } catch (IOException e) {
      // The process can not be looked at: then it is nobody's.
      return -1;
    }
  }

  /**
   * Names the directory that a process has as /; only root and its user may go through it, see
   * PTRACE_MODE_READ_FSCREDS.
   */
  public Path rootOf(int pid) {
    return process(pid).resolve("root");
  }

  /** Tells whether this kernel lists children at all (CONFIG_PROC_CHILDREN). */
  public boolean listsChildren() {
    // What a kernel has it keeps.
    listsChildren = listsChildren || showsChildren();
    return listsChildren;
  }

  private boolean showsChildren() {
    return Files.exists(root.resolve("self/task").resolve(selfPid()).resolve("children"));
  }

  private String selfPid() {
    try {
      return files.link(at + "self").orElse("self");
    } catch (IOException e) {
      return "self";
    }
  }

  /**
   * Reads a symbolic link of a process, such as {@code ns/pid} or {@code root}; empty when it has
   * gone, or this kernel has no such link.
   */
  public Optional<String> link(int pid, String name) throws IOException {
    return files.link(at + pid + "/" + name);
  }

  /**
   * Finds a thread of the process that is not on its way to its end: the first one as long as that
   * lives. Empty when the whole process ends. An ending thread has left its v1 cgroups: they show
   * as /.
   */
  public Optional<Integer> liveThread(int pid) throws IOException {
    if (!isEnding(Integer.toString(pid))) {
      return Optional.of(pid);
    }
    for (Path thread : ProcFiles.list(process(pid).resolve("task"))) {
      String tid = thread.getFileName().toString();
      if (!isEnding(pid + "/task/" + tid)) {
        return Optional.of(Integer.valueOf(tid));
      }
    }
    return Optional.empty();
  }

  private boolean isEnding(String task) throws IOException {
    Optional<byte[]> stat = files.records(at + task + "/stat");
    return stat.isEmpty() || (StatLine.field(stat.get(), FLAGS) & PF_EXITING) != 0;
  }

  /** Reads the children of every thread of a process: /proc/PID/task/TID/children. */
  public List<Integer> children(int pid) throws IOException {
    List<Integer> children = new ArrayList<>();
    for (Path thread : ProcFiles.list(process(pid).resolve("task"))) {
      read(pid, "task/" + thread.getFileName() + "/children")
          .ifPresent(b -> KernelFiles.addNumbers(b, children));
    }
    return children;
  }

  /**
   * Reads the children of a process, without listing the threads of one that has a single thread.
   */
  public List<Integer> children(Stat process) throws IOException {
    if (process.threads() != 1) {
      return children(process.pid());
    }
    // The first thread goes last, and has the process's own number.
    return childrenOfFirstThread(process.pid());
  }

  /**
   * Reads the children of the first thread of a process, to which orphans come that this process
   * adopts.
   */
  public List<Integer> childrenOfFirstThread(int pid) throws IOException {
    return records(pid, "task/" + pid + "/children").map(KernelFiles::numbers).orElse(List.of());
  }

  /** Reads the children of one thread of this process. */
  public List<Integer> childrenOfThread(int tid) throws IOException {
    List<Integer> children = new ArrayList<>();
    read("self/task/" + tid + "/children").ifPresent(b -> KernelFiles.addNumbers(b, children));
    return children;
  }

  /** Lists every pid there is. */
  public List<Integer> pids() throws IOException {
    List<Integer> pids = new ArrayList<>();
    for (Path p : ProcFiles.list(root)) {
      String name = p.getFileName().toString();
      if (!name.isEmpty() && name.chars().allMatch(c -> c >= '0' && c <= '9')) {
        pids.add(Integer.valueOf(name));
      }
    }
    return pids;
  }

  /** Counts the threads of a process; 0 when it has gone. */
  public int threads(int pid) throws IOException {
    return ProcFiles.list(process(pid).resolve("task")).size();
  }

  /** Counts the open descriptors of a process: /proc/PID/fd; 0 when it has gone. */
  public int descriptors(int pid) throws IOException {
    return ProcFiles.list(process(pid).resolve("fd")).size();
  }

  /** Reads the effective user id of a process, from /proc/PID/status. */
  public Optional<Integer> user(int pid) throws IOException {
    return records(pid, "status")
        .flatMap(
            bytes ->
                new String(bytes, StandardCharsets.ISO_8859_1)
                    .lines()
                    .filter(l -> l.startsWith("Uid:"))
                    .map(l -> Integer.parseUnsignedInt(l.split("\\s+", -1)[2]))
                    .findFirst());
  }

  /** Reads /proc/PID/environ: the environment it was started with, entries NAME=VALUE. */
  public Optional<List<OsString>> environment(int pid) throws IOException {
    return read(pid, "environ").map(Procfs::splitAtNul);
  }

  /** Reads /proc/PID/cmdline: its arguments. */
  public Optional<List<OsString>> arguments(int pid) throws IOException {
    return read(pid, "cmdline").map(Procfs::splitAtNul);
  }

  /**
   * Splits strings that each end in a NUL byte, as the kernel lays out arguments and environment.
   */
  public static List<OsString> splitAtNul(byte[] bytes) {
    List<OsString> strings = new ArrayList<>();
    int start = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == 0) {
        strings.add(OsString.ofBytes(Arrays.copyOfRange(bytes, start, i)));
        start = i + 1;
      }
    }
    if (start < bytes.length) {
      strings.add(OsString.ofBytes(Arrays.copyOfRange(bytes, start, bytes.length)));
    }
    return strings;
  }

  /**
   * Names the namespaces that pids and start times of this process's view are counted in, as in
   * {@code pid:[4026531836]}. The time namespace follows where it is not the first one, since it
   * shifts the start times of all processes: see time_namespaces(7).
   */
  public String identityNamespaces() throws IOException {
    String pid = Files.readSymbolicLink(root.resolve("self/ns/pid")).toString();
    Path clock = root.resolve("self/ns/time");
    // Before Linux 5.6 there is but one time namespace.
    String time =
        Files.exists(clock, LinkOption.NOFOLLOW_LINKS)
            ? Files.readSymbolicLink(clock).toString()
            : FIRST_TIME_NAMESPACE;
    return time.equals(FIRST_TIME_NAMESPACE) ? pid : pid + " " + time;
  }

  /** Reads a file of a process as text, e.g. {@code cgroup} or {@code mountinfo}. */
  public Optional<String> text(int pid, String file) throws IOException {
    return read(pid, file).map(b -> new String(b, StandardCharsets.UTF_8));
  }

  /** Reads a file that is not about one process, e.g. {@code meminfo}. */
  public String systemText(String file) throws IOException {
    // All at once: a number below sys/ says at a second read(2) that its end is reached, and Java's
    // own methods begin with a single byte where a file's size is 0.
    return read(file)
        .map(b -> new String(b, StandardCharsets.UTF_8))
        .orElseThrow(() -> new NoSuchFileException(root.resolve(file).toString()));
  }

  /**
   * Reads the id that tells this boot from others, since pids and start times begin anew.
   *
   * @throws IOException with a remedy where this proc file system has nothing but processes
   */
  public String bootId() throws IOException {
    Path file = root.resolve("sys/kernel/random/boot_id");
    return files
        .read(file.toString())
        .map(b -> new String(b, StandardCharsets.US_ASCII).trim())
        .orElseThrow(
            () ->
                new IOException(
                    file
                        + " is not there: this "
                        + root
                        + " shows processes alone (subset=pid); mount all of it, in a unit of systemd"
                        + " by ProcSubset=all"));
  }

  /**
   * Refuses a proc file system that knows this process under another number, or not at all: every
   * pid in it would be somebody else's.
   *
   * @param self the pid of this process by getpid(2)
   */
  public void requireView(int self) throws IOException {
    String shown;
    try {
      shown = Files.readSymbolicLink(root.resolve("self")).toString();
    } catch (NoSuchFileException e) {
      throw new IOException(root + " is not mounted; mount it: mount -t proc proc " + root, e);
    }
    if (!shown.equals(Integer.toString(self))) {
      throw new IOException(
          root
              + " is that of another namespace of processes; mount this one's: mount -t proc proc "
              + root
              + ", or unshare --mount-proc");
    }
  }

  /**
   * Reads the time since boot in the unit of {@link Stat#startTicks}: whoever starts from now on
   * has no smaller start time. 0 where there is no such file.
   */
  public long uptimeTicks() throws IOException {
    // Hundredths of a second, as USER_HZ is on every architecture that Guard runs on.
    return files
        .records(at + "uptime")
        .map(b -> new String(b, StandardCharsets.US_ASCII).split(" ", 2)[0].replace(".", ""))
        .map(Long::valueOf)
        .orElse(0L);
  }

  /** Reads MemTotal of meminfo, in bytes. */
  public long totalMemory() throws IOException {
    for (String line : systemText("meminfo").lines().toList()) {
      if (line.startsWith("MemTotal:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
      }
    }
    throw new IOException(root.resolve("meminfo") + " has no MemTotal");
  }

  /** Reads VmHWM of this process in bytes: the most memory that it has had, see proc(5). */
  public long peakOfSelf() throws IOException {
    String status = new String(read("self/status").orElseThrow(), StandardCharsets.ISO_8859_1);
    return Long.parseLong(ProcessStatus.line(status, "VmHWM:", "0").replaceAll("[^0-9]", ""))
        * 1024;
  }

  /**
   * Reads the processor time in microseconds that a process has used, and children that it has
   * waited for; 0 when it has gone.
   */
  public long cpuMicros(int pid) throws IOException {
    Optional<byte[]> stat = records(pid, "stat");
    long ticks = 0;
    for (int i = UTIME; stat.isPresent() && i <= CSTIME; i++) {
      ticks += StatLine.field(stat.get(), i);
    }
    return ticks * MICROS_OF_TICK;
  }

  /** Reads which signals this process ignores: bit n-1 is set for signal n. */
  public long ignoredSignals() throws IOException {
    String status = new String(read("self/status").orElseThrow(), StandardCharsets.ISO_8859_1);
    for (String line : status.lines().toList()) {
      if (line.startsWith("SigIgn:")) {
        return Long.parseUnsignedLong(line.substring(7).trim(), 16);
      }
    }
    throw new IOException(root.resolve("self/status") + " has no line SigIgn");
  }

  private Path process(int pid) {
    return root.resolve(Integer.toString(pid));
  }
}
