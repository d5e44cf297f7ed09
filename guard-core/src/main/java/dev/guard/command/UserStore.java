package dev.guard.command;

import dev.guard.admission.BudgetStore;
import dev.guard.admission.Budgets;
import dev.guard.admission.SharedOrLocal;
import dev.guard.os.Kernel;
import dev.guard.os.Os;
import dev.guard.os.Procfs;
import dev.guard.process.TreeCount;
import dev.guard.record.CommandRecord;
import dev.guard.record.History;
import dev.guard.record.RecordFiles;
import dev.guard.store.CountedNamespace;
import dev.guard.store.StateDirectory;
import dev.guard.store.StoreDirectory;
import dev.guard.store.StorePresence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/** A store holds everything that the guards of a user share: budgets, records, and the history. */
public final class UserStore {
  // With many commands, looking for those of dead guards would be most of what each costs.
  private static final long RECOVERY_PAUSE_NANOS = 1_000_000_000L;

  private static UserStore ofThisJvm;

  private final Kernel kernel;
  private final Os os;
  private final Procfs procfs;
  private final Map<String, String> environment;
  private final TreeCount count;
  private final BudgetStore budgets;
  private final StateDirectory state;
  private Path directory;
  private RecordFiles records;
  private long nextRecovery = System.nanoTime();

  /**
   * Opens the store for a single Guard; {@link #open} gives the one for all.
   *
   * @param environment variables that say where the user keeps such things
   */
  UserStore(Kernel kernel, Map<String, String> environment) throws IOException {
    this.kernel = kernel;
    this.environment = environment;
    this.os = kernel.os();
    this.procfs = kernel.procfs();
    this.count = new TreeCount(procfs, kernel.cgroupfs());
    this.state = StateDirectory.of(os.userId(), variable("XDG_STATE_HOME"), homes());
    this.budgets =
        new SharedOrLocal(
            () -> Budgets.in(directory(), os, procfs, count), Budgets.local(os, procfs, count));
  }

  private Optional<String> variable(String name) {
    return Optional.ofNullable(environment.get(name));
  }

  /** Tells whether a guard that has these variables has this store, and its history here, too. */
  public boolean isOf(Map<String, String> variables) {
    return places(variables).equals(places(environment));
  }

  /** Tells whether this is the store that the user has where no variable says otherwise. */
  public boolean isOrdinary() {
    return isOf(Map.of());
  }

  /** Names what the variables lead to, a variable that is not set to what that stands for. */
  private List<String> places(Map<String, String> variables) {
    String home = variables.getOrDefault("HOME", System.getProperty("user.home"));
    String runtime = variables.getOrDefault("XDG_RUNTIME_DIR", "/run/user/" + os.userId());
    String state = variables.getOrDefault("XDG_STATE_HOME", home + "/.local/state");
    // Root's store is in /run, whatever its variables say.
    return List.of(home, os.userId() == 0 ? "" : runtime, state);
  }

  /** Answers XDG_RUNTIME_DIR, if it is set. */
  Optional<String> runtimeDirectory() {
    return variable("XDG_RUNTIME_DIR");
  }

  /**
   * Lists homes: a service has no HOME, and sudo -E leaves root another's; Java has that of
   * passwd(5).
   */
  private List<String> homes() {
    List<String> homes = new ArrayList<>(variable("HOME").stream().toList());
    Optional.ofNullable(System.getProperty("user.home")).ifPresent(homes::add);
    return homes;
  }

  /**
   * Opens the one store for all guards in this JVM: where nothing can be shared, a second Guard
   * must not begin anew.
   */
  public static synchronized UserStore open() throws IOException {
    if (ofThisJvm == null) {
      ofThisJvm = new UserStore(Kernel.system(), System.getenv());
    }
    return ofThisJvm;
  }

  /**
   * Opens a store that makes nothing: where there is no directory for records yet, there are none.
   */
  static UserStore existing() throws IOException {
    UserStore store = new UserStore(Kernel.system(), System.getenv());
    List<Path> there = StoreDirectory.existing(store.os, store.procfs, store.runtimeDirectory());
    store.directory = there.isEmpty() ? Path.of("/proc/no-store") : there.get(0);
    return store;
  }

  /** Answers the kernel by which whoever has this store looks at what is in it. */
  Kernel kernel() {
    return kernel;
  }

  private synchronized Path directory() throws IOException {
    if (directory == null) {
      directory = StoreDirectory.find(os, procfs, runtimeDirectory());
    }
    return directory;
  }

  /** Shows the guards of other namespaces that one lives here, until the descriptor is closed. */
  public OptionalInt attend() {
    try {
      return OptionalInt.of(StorePresence.hold(os, directory()));
    } catch (IOException e) {
      // Where there is no directory, guards share nothing, and the receipt says that.
      return OptionalInt.empty();
    }
  }

  /** Tells why the budgets may not count all commands there are; empty when they do. */
  String uncounted() {
    try {
      return CountedNamespace.problem(os, procfs, directory());
    } catch (IOException e) {
      return "whether guards live in other namespaces can not be seen: " + e.getMessage();
    }
  }

  /** Finds the stores of other namespaces in which no guard lives any more; no store is touched. */
  List<Path> deserted() throws IOException {
    List<Path> deserted = new ArrayList<>();
    for (Path store : existingStores()) {
      for (Path other : StoreDirectory.otherNamespaces(store)) {
        boolean removable =
            StoreDirectory.isOfNamespaces(other)
                && Files.isDirectory(other, LinkOption.NOFOLLOW_LINKS);
        if (removable && StorePresence.isDeserted(os, other)) {
          deserted.add(other);
        }
      }
    }
    return deserted;
  }

  /** Removes one of the {@link #deserted} stores, unless a guard has come to live there. */
  void remove(Path deserted) throws IOException {
    StorePresence.removeDeserted(os, procfs, deserted);
  }

  /** Answers the budgets; those of this process alone where they can not be shared. */
  public BudgetStore budgets() {
    return budgets;
  }

  /** Answers the records; fails with the reason where there is no directory for them. */
  synchronized RecordFiles records() throws IOException {
    if (records == null) {
      records = new RecordFiles(os, procfs, directory());
    }
    return records;
  }

  /** Gives back the places that the dead have in budgets. */
  void sweepBudgets() throws IOException {
    Budgets.in(directory(), os, procfs, count).sweep();
  }

  /**
   * Brings commands to their end whose guards were killed and of which nothing lives.
   *
   * @param now false: not within a second after the last time
   */
  void recover(boolean now) throws IOException {
    if ((now || isTimeToRecover()) && records().hasOrphans()) {
      new CommandSettlement(this).settleAll();
    }
  }

  private synchronized boolean isTimeToRecover() {
    boolean is = System.nanoTime() - nextRecovery >= 0;
    nextRecovery = is ? System.nanoTime() + RECOVERY_PAUSE_NANOS : nextRecovery;
    return is;
  }

  /**
   * Lists the ids of commands with records in other places where this user's guards may have
   * theirs, e.g. guards of cron jobs.
   */
  Set<String> idsElsewhere() throws IOException {
    Set<String> ids = new HashSet<>();
    for (Path other : existingStores()) {
      if (!other.equals(directory())) {
        ids.addAll(ids(other));
      }
    }
    return ids;
  }

  /**
   * Lists the ids of commands with records of guards in other namespaces of processes or of time.
   */
  Set<String> idsInOtherNamespaces() throws IOException {
    Set<String> ids = new HashSet<>();
    for (Path store : existingStores()) {
      for (Path other : StoreDirectory.otherNamespaces(store)) {
        ids.addAll(ids(other));
      }
    }
    return ids;
  }

  private List<Path> existingStores() throws IOException {
    return StoreDirectory.existing(os, procfs, runtimeDirectory());
  }

  private Set<String> ids(Path store) throws IOException {
    return new RecordFiles(os, procfs, store)
        .look().records().stream().map(CommandRecord::id).collect(Collectors.toSet());
  }

  /** Answers the history of the commands that have ended. */
  public History history() {
    return new History(os, state);
  }

  /** Answers the directory that logs are below. */
  public StateDirectory state() {
    return state;
  }
}
