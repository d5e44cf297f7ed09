package dev.guard.testing;

import dev.guard.os.Cgroupfs;
import dev.guard.os.Errno;
import dev.guard.os.Kernel;
import dev.guard.os.KernelFiles;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.Procfs;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Works as this machine's kernel, and refuses one call: the Nth of all system calls and of all
 * opens of files of proc and of cgroups, from whatever thread it comes.
 */
public final class Faults {
  private static final Map<Integer, String> TEXTS =
      Map.of(
          24,
          "Too many open files",
          Errno.ENOMEM,
          "Cannot allocate memory",
          Errno.EINTR,
          "Interrupted system call",
          Errno.EAGAIN,
          "Resource temporarily unavailable",
          28,
          "No space left on device",
          5,
          "Input/output error");

  /** The kinds of refusal: an errno, or 0 for an Error of the JVM. */
  public static final List<Integer> KINDS =
      List.of(24, Errno.ENOMEM, Errno.EINTR, Errno.EAGAIN, 28, 5, 0);

  private static final List<String> DESCRIPTORS =
      List.of("open", "openIfThere", "pipe", "pidfd", "pair", "memoryFile");
  private static final List<String> KILLS = List.of("kill", "signal");

  private volatile int first;
  private final boolean forGood;
  private final int kind;
  private final AtomicInteger calls = new AtomicInteger();
  private final AtomicInteger untilTrigger = new AtomicInteger();
  private volatile String trigger = "";
  private volatile boolean over;
  private volatile String injected = "";

  private Faults(int first, boolean forGood, int kind) {
    this.first = first;
    this.forGood = forGood;
    this.kind = kind;
  }

  /** Refuses the Nth call in this way, see {@link #KINDS}. */
  public static Faults at(int call, int kind) {
    return new Faults(call, false, kind);
  }

  /** From the Nth call on there is no descriptor to be had any more, until {@link #end}. */
  public static Faults withoutDescriptorsFrom(int call) {
    return new Faults(call, true, 24);
  }

  /** The first call of this name finds no descriptor. */
  public static Faults withoutDescriptorFor(String name) {
    Faults faults = new Faults(Integer.MAX_VALUE, false, 24);
    faults.trigger = name;
    faults.untilTrigger.set(1);
    return faults;
  }

  /** The first call of this name ends in an Error of the JVM. */
  public static Faults errorAt(String name) {
    Faults faults = new Faults(Integer.MAX_VALUE, false, 0);
    faults.trigger = name;
    faults.untilTrigger.set(1);
    return faults;
  }

  /**
   * Once the command's process was asked for, no descriptor is to be had until {@link #end}; the
   * first spawn is the lifeline's.
   */
  public static Faults withoutDescriptorsOnceSpawned() {
    Faults faults = none();
    faults.trigger = "spawn";
    faults.untilTrigger.set(2);
    return faults;
  }

  /** Refuses nothing until {@link #refuseAllKills}. */
  public static Faults none() {
    return new Faults(Integer.MAX_VALUE, true, 24);
  }

  /** From now on neither a signal nor a descriptor can be had, nor a write to cgroup.kill. */
  public void refuseAllKills() {
    first = 0;
  }

  /** How many calls there were. */
  public int calls() {
    return calls.get();
  }

  /** What was refused first; empty: nothing. */
  public String injected() {
    return injected;
  }

  /** From now on nothing is refused. */
  public void end() {
    over = true;
  }

  /** The kernel that refuses. */
  public Kernel kernel() {
    Path root = new FaultyFiles(path -> refuse("open " + path)).wrap(Path.of("/"));
    Os os =
        (Os)
            Proxy.newProxyInstance(
                Os.class.getClassLoader(), new Class<?>[] {Os.class}, (p, m, a) -> call(m, a));
    return new Kernel(
        os,
        new Procfs(root.resolve("proc"), new RefusedReads()),
        new Cgroupfs(root, new RefusedReads()));
  }

  /** Reads the files of this machine, of which some can not be opened. */
  private final class RefusedReads implements KernelFiles {
    @Override
    public Optional<byte[]> read(String path) throws IOException {
      refuse("open " + path);
      return KernelFiles.SYSTEM.read(path);
    }

    @Override
    public Optional<String> link(String path) throws IOException {
      return KernelFiles.SYSTEM.link(path);
    }

    @Override
    public Optional<byte[]> records(String path) throws IOException {
      refuse("open " + path);
      return KernelFiles.SYSTEM.records(path);
    }

    @Override
    public boolean exists(String path) {
      return KernelFiles.SYSTEM.exists(path);
    }

    @Override
    public boolean removeDirectory(String path) {
      return KernelFiles.SYSTEM.removeDirectory(path);
    }

    @Override
    public int links(String directory) {
      return KernelFiles.SYSTEM.links(directory);
    }
  }

  private boolean isNext(boolean takesDescriptor) {
    int call = calls.incrementAndGet();
    return !over && (forGood ? call >= first && takesDescriptor : call == first);
  }

  private void refuse(String what) throws IOException {
    if (isNext(true)) {
      note(what);
      if (kind == 0) {
        throw new OutOfMemoryError("injected");
      }
      throw new FileSystemException(what, null, TEXTS.get(kind));
    }
  }

  private void note(String what) {
    if (injected.isEmpty()) {
      injected = what + (kind == 0 ? ": Error" : ": " + TEXTS.get(kind));
    }
  }

  private Object call(Method method, Object[] arguments) throws Throwable {
    String name = method.getName();
    if (name.equals(trigger) && untilTrigger.decrementAndGet() == 0) {
      first = calls.get() + 1;
    }
    boolean isKill =
        KILLS.contains(name)
            || (name.equals("write") && Arrays.equals((byte[]) arguments[1], new byte[] {'1'}));
    boolean fails = isNext(DESCRIPTORS.contains(name) || (isKill && first == 0));
    if (fails) {
      note(name);
    }
    // close(2) may say an error, and has closed the descriptor all the same.
    Object answer = fails && !name.equals("close") ? null : really(method, arguments);
    if (!fails) {
      return answer;
    }
    if (name.equals("read") && kind == Errno.EAGAIN) {
      return -1;
    }
    if (kind == 0 || method.getExceptionTypes().length == 0) {
      throw new OutOfMemoryError("injected");
    }
    throw new OsException("injected: " + name, kind, TEXTS.get(kind));
  }

  private static Object really(Method method, Object[] arguments) throws Throwable {
    try {
      return method.invoke(Os.linux(), arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
