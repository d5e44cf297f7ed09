package dev.guard.exec.admission;

import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.OsString;
import dev.guard.os.Procfs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The budgets of a user, in files: for each a lock, see flock(2), that the kernel takes back when
 * its owner dies, and a state that is replaced as a whole, so that there is always a whole one.
 */
final class FileStates implements BudgetStates {
  private static final long LONGEST_PAUSE_NANOS = 50_000_000L;
  private static final long LOOK_NANOS = 5_000_000_000L;
  private static final int LOOKS_STOPPED = 2;
  private static final int LOOKS = 12;
  private static final String LOCK = ".lock";
  private static final String STATE = ".state";
  // No budget has a file without an ending.
  private static final String ALL = "all";
  private static final int OWNER_ONLY = 0600;
  // Threads of one process wait here, without asking the kernel again and again.
  private static final Map<Path, ReentrantLock> OF_THIS_PROCESS = new ConcurrentHashMap<>();

  private final Os os;
  private final Procfs procfs;
  private final Path directory;
  private final String bootId;

  /** Keeps states in a directory that is this user's alone. */
  FileStates(Os os, Procfs procfs, Path directory) throws IOException {
    this.os = os;
    this.procfs = procfs;
    this.directory = directory;
    this.bootId = procfs.systemText("sys/kernel/random/boot_id").trim();
  }

  @Override
  public <T> T change(String budget, Step<T> step) throws IOException {
    return withLock(directory.resolve(budget + LOCK), () -> locked(budget, step));
  }

  @Override
  public <T> T alone(Work<T> work) throws IOException {
    return withLock(directory.resolve(ALL), work);
  }

  private <T> T withLock(Path lock, Work<T> work) throws IOException {
    ReentrantLock here = OF_THIS_PROCESS.computeIfAbsent(lock, p -> new ReentrantLock(true));
    here.lock();
    try {
      int descriptor = lock(lock);
      try {
        return work.run();
      } finally {
        unlock(descriptor);
      }
    } finally {
      here.unlock();
    }
  }

  private <T> T locked(String budget, Step<T> step) throws IOException {
    Path file = directory.resolve(budget + STATE);
    Optional<String> before = read(file);
    BudgetState state;
    T answer;
    try {
      state = before.map(text -> BudgetState.parse(text, bootId)).orElseGet(BudgetState::new);
      answer = step.apply(state);
    } catch (BudgetState.DamagedException e) {
      state = new BudgetState();
      state.damage = setAside(file, e);
      answer = step.apply(state);
    }
    String after = state.format(bootId);
    if (!after.equals(before.orElse(""))) {
      write(file, after);
    }
    if (before.isEmpty()) {
      try {
        removeForgotten();
      } catch (IOException | DirectoryIteratorException e) {
        // Files of other budgets that stay longer: nothing that this one could be refused for.
      }
    }
    return answer;
  }

  // ---- the state

  private Optional<String> read(Path file) throws StoreException {
    try {
      return Optional.of(Files.readString(file, StandardCharsets.ISO_8859_1));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new StoreException(file + " can not be read: " + e + "; remove it", e);
    }
  }

  private static String setAside(Path file, Exception why) {
    Path aside = file.resolveSibling(file.getFileName() + ".damaged");
    String what = file + " was damaged (" + why.getMessage() + "), commands in it are not counted";
    try {
      Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
      return what + "; it is kept as " + aside;
    } catch (IOException e) {
      return what + "; it could not be kept: " + e.getMessage();
    }
  }

  private void write(Path file, String text) throws StoreException {
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    try {
      Files.writeString(fresh, text, StandardCharsets.ISO_8859_1);
      os.rename(name(fresh), name(file));
    } catch (IOException e) {
      // Of a file that was cut off nothing is kept, so that a full disk has room again.
      try {
        Files.deleteIfExists(fresh);
      } catch (IOException again) {
        e.addSuppressed(again);
      }
      throw new StoreException(
          file + " can not be written: " + e.getMessage() + "; make room there", e);
    }
  }

  @Override
  public Collection<String> budgets() throws StoreException {
    try {
      return namesOf(STATE);
    } catch (IOException | DirectoryIteratorException e) {
      throw new StoreException(directory + " can not be listed: " + e.getMessage(), e);
    }
  }

  /** The names of budgets that have such a file. */
  private List<String> namesOf(String ending) throws IOException {
    List<String> names = new ArrayList<>();
    try (var files = Files.newDirectoryStream(directory, "*" + ending)) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        names.add(name.substring(0, name.length() - ending.length()));
      }
    }
    return names;
  }

  // ---- the lock

  /** Not by close(2) alone: a process that is just being started has a copy for a moment. */
  private void unlock(int descriptor) throws OsException {
    try {
      os.unlock(descriptor);
    } finally {
      os.close(descriptor);
    }
  }

  /**
   * Takes the lock, however many want it: on a busy machine each of sixty may have it for a second.
   */
  private int lock(Path file) throws IOException {
    Waiting waiting = new Waiting(file);
    while (true) {
      int descriptor = open(file);
      boolean still = false;
      try {
        while (!os.lock(descriptor)) {
          waiting.sleep();
        }
        still = isStill(file, descriptor);
      } finally {
        if (!still) {
          os.close(descriptor);
        }
      }
      if (still) {
        return descriptor;
      }
    }
  }

  /** The wait for a lock, and when it has become hopeless. */
  private final class Waiting {
    private final Path file;
    private long lookAt = System.nanoTime() + LOOK_NANOS;
    private long pause = 500_000;
    private Optional<Integer> seen = Optional.empty();
    private int looks;
    private int looksStopped;

    Waiting(Path file) {
      this.file = file;
    }

    void sleep() throws IOException {
      LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(pause / 2, pause));
      pause = Math.min(2 * pause, LONGEST_PAUSE_NANOS);
      if (System.nanoTime() >= lookAt) {
        lookAt += LOOK_NANOS;
        look();
      }
    }

    private void look() throws IOException {
      Optional<Integer> holder = holder(file);
      Optional<Procfs.Stat> stat = holder.isEmpty() ? Optional.empty() : procfs.stat(holder.get());
      boolean same = holder.equals(seen);
      boolean stopped =
          stat.isPresent() && (stat.get().state() == 'T' || stat.get().state() == 't');
      seen = holder;
      looks = same ? looks + 1 : 1;
      looksStopped = stopped ? (same ? looksStopped + 1 : 1) : 0;
      if (looksStopped == LOOKS_STOPPED || looks == LOOKS) {
        String who = holder.map(pid -> "process " + pid).orElse("another process");
        throw new IOException(
            file
                + " is locked by "
                + who
                + (stopped ? ", which is stopped" : "")
                + "; end it or let it go on");
      }
    }
  }

  private int open(Path file) throws StoreException {
    try {
      makeDirectories();
      return os.open(
          name(file), Os.Open.READ_WRITE | Os.Open.CREATE | Os.Open.NOFOLLOW, OWNER_ONLY);
    } catch (IOException e) {
      throw new StoreException(e.getMessage() + "; make room there, or remove it", e);
    }
  }

  private void makeDirectories() throws IOException {
    for (Path missing : List.of(directory.getParent(), directory)) {
      if (!Files.exists(missing, LinkOption.NOFOLLOW_LINKS)) {
        Files.createDirectory(missing, StoreDirectory.PRIVATE);
      }
    }
  }

  /** Whether the file was not removed between our open and our lock. */
  private static boolean isStill(Path file, int descriptor) throws IOException {
    try {
      return Files.isSameFile(file, Path.of("/proc/self/fd/" + descriptor));
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  /** Who has the lock, by /proc/locks. */
  private Optional<Integer> holder(Path file) throws IOException {
    String inode = ":" + Files.getAttribute(file, "unix:ino") + " ";
    for (String line : procfs.systemText("locks").lines().toList()) {
      String[] words = line.trim().split(" +", -1);
      if (line.contains(inode) && words[1].equals("FLOCK") && words[4].matches("[1-9][0-9]*")) {
        return Optional.of(Integer.valueOf(words[4]));
      }
    }
    return Optional.empty();
  }

  private static OsString name(Path path) {
    return OsString.of(path.toString());
  }

  // ---- budgets that nobody uses any more

  /**
   * When a budget is new, others may have ended: a name of its own for each session must not fill
   * the store.
   */
  private void removeForgotten() throws IOException {
    for (String budget : namesOf(LOCK)) {
      Path file = directory.resolve(budget + STATE);
      Optional<String> text = read(file);
      if (text.isPresent() && isForgotten(text.get())) {
        removeLocked(directory.resolve(budget + LOCK), file);
      }
    }
  }

  private void removeLocked(Path lock, Path file) throws IOException {
    int descriptor = open(lock);
    try {
      // Asked again, now that nobody can use it.
      if (os.lock(descriptor) && isStill(lock, descriptor) && isForgotten(read(file).orElse(""))) {
        Files.deleteIfExists(file);
        Files.deleteIfExists(lock);
      }
    } finally {
      unlock(descriptor);
    }
  }

  private boolean isForgotten(String text) {
    try {
      BudgetState state = BudgetState.parse(text, bootId);
      long[] starts = state.rate.starts();
      boolean calm =
          starts.length == 0
              || System.nanoTime() - starts[starts.length - 1] > 2 * RateLimiter.WINDOW_NANOS;
      return calm && state.isEmpty();
    } catch (BudgetState.DamagedException e) {
      // For whoever uses it.
      return false;
    }
  }
}
