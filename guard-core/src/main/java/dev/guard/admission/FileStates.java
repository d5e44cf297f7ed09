package dev.guard.admission;

import dev.guard.os.Os;
import dev.guard.os.OwnFiles;
import dev.guard.os.Procfs;
import dev.guard.store.FileLock;
import dev.guard.store.StoreException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Keeps the budgets of a user in files: for each a lock, see flock(2), that the kernel takes back
 * when its owner dies, and a state that is replaced as a whole, so that there is always a whole
 * one.
 */
final class FileStates implements BudgetStates {
  private static final String LOCK = ".lock";
  private static final String STATE = ".state";
  // No budget has a file without an ending.
  private static final String ALL = "all";
  // The bound is the text of as many places as there can be processes.
  private static final int LARGEST_STATE = 16 << 20;
  // Of how many budgets the last state is known without reading it again.
  private static final int MOST_KNOWN = 16;

  private final Os os;
  private final FileLock lock;
  private final Path directory;
  private final String bootId;
  private final Map<String, KnownState> known = Collections.synchronizedMap(new LastUsed());

  /**
   * Holds a state that was written here, since to parse a thousand places takes a gateway longer
   * than all else that it does for a command.
   *
   * @param text what the file held then: where it holds something else, another guard has written
   *     it
   */
  private record KnownState(String text, BudgetState state) {}

  private static final class LastUsed extends LinkedHashMap<String, KnownState> {
    private static final long serialVersionUID = 1L;

    LastUsed() {
      super(MOST_KNOWN, 0.75f, true);
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<String, KnownState> eldest) {
      return size() > MOST_KNOWN;
    }
  }

  /** Keeps states in a directory that is this user's alone. */
  FileStates(Os os, Procfs procfs, Path directory) throws IOException {
    this.os = os;
    this.lock = new FileLock(os, procfs);
    this.directory = directory;
    this.bootId = procfs.bootId();
  }

  @Override
  public <T> T change(String budget, StateChange<T> step) throws IOException {
    return lock.hold(directory.resolve(budget + LOCK), () -> locked(budget, step));
  }

  @Override
  public <T> T alone(FileLock.LockedAnswer<T> work) throws IOException {
    return lock.hold(directory.resolve(ALL), work);
  }

  private <T> T locked(String budget, StateChange<T> step) throws IOException {
    Path file = directory.resolve(budget + STATE);
    Optional<String> before = Optional.empty();
    BudgetState state;
    T answer;
    try {
      before = read(file);
      state = before.map(text -> state(budget, text)).orElseGet(BudgetState::new);
      answer = step.apply(state);
    } catch (BudgetState.DamagedBudgetException e) {
      state = new BudgetState();
      state.damage = setAside(file, e);
      answer = step.apply(state);
    }
    String after = state.format(bootId);
    if (!after.equals(before.orElse(""))) {
      write(file, after);
    }
    state.damage = "";
    known.put(budget, new KnownState(after, state));
    if (before.isEmpty()) {
      try {
        removeForgotten();
      } catch (IOException e) {
        // Files of other budgets stay longer, for which this request can not be refused.
      }
    }
    return answer;
  }

  // ---- the state

  /** Takes the state that is known, so that nobody has it where the step or the write fails. */
  private BudgetState state(String budget, String text) {
    KnownState last = known.remove(budget);
    return last != null && last.text().equals(text)
        ? last.state()
        : BudgetState.parse(text, bootId);
  }

  private Optional<String> read(Path file) throws StoreException {
    try {
      return Optional.of(
          new String(OwnFiles.read(os, file, LARGEST_STATE), StandardCharsets.ISO_8859_1));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (OwnFiles.UnusableException e) {
      throw new BudgetState.DamagedBudgetException(e.why());
    } catch (IOException e) {
      throw new StoreException(file + " can not be read: " + e + "; remove it", e);
    }
  }

  private static String setAside(Path file, Exception why) {
    String what = file + " was damaged (" + why.getMessage() + "), commands in it are not counted";
    try {
      return what + "; it is kept as " + OwnFiles.setAside(file);
    } catch (IOException e) {
      return what + "; it could not be kept: " + e.getMessage();
    }
  }

  private void write(Path file, String text) throws StoreException {
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    try {
      OwnFiles.replace(os, file, fresh, text.getBytes(StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      throw new StoreException(
          file + " can not be written: " + e.getMessage() + "; make room there", e);
    }
  }

  @Override
  public Collection<String> budgets() throws StoreException {
    try {
      return namesOf(STATE);
    } catch (IOException e) {
      throw new StoreException(directory + " can not be listed: " + e.getMessage(), e);
    }
  }

  /** Lists the names of budgets that have a file with this ending. */
  private List<String> namesOf(String ending) throws IOException {
    List<String> names = new ArrayList<>();
    for (Path file : OwnFiles.list(os, directory)) {
      String name = file.getFileName().toString();
      if (name.endsWith(ending)) {
        names.add(name.substring(0, name.length() - ending.length()));
      }
    }
    return names;
  }

  // ---- budgets that nobody uses any more

  /**
   * Removes the files of budgets that nobody uses any more: a name of its own for each session must
   * not fill the store.
   */
  @Override
  public void removeForgotten() throws IOException {
    for (String budget : namesOf(LOCK)) {
      Path file = directory.resolve(budget + STATE);
      if (isForgotten(file)) {
        Path locked = directory.resolve(budget + LOCK);
        // The question is asked again, when nobody can use the budget.
        lock.tryHold(
            locked,
            () -> {
              if (isForgotten(file)) {
                Files.deleteIfExists(file);
                Files.deleteIfExists(locked);
              }
            });
      }
    }
  }

  private boolean isForgotten(Path file) throws IOException {
    try {
      Optional<String> text = read(file);
      // A budget without a state was never used.
      return text.isEmpty() || isForgotten(BudgetState.parse(text.get(), bootId));
    } catch (BudgetState.DamagedBudgetException e) {
      // The damaged file is left for the next user of the budget.
      return false;
    }
  }

  private static boolean isForgotten(BudgetState state) {
    return state.rate.isForgotten(System.nanoTime()) && state.isEmpty();
  }
}
