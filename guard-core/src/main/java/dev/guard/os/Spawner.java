package dev.guard.os;

import dev.guard.os.Libc.Arena;
import java.io.File;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** Calls posix_spawn(3) with everything that a child of a JVM needs set right. */
final class Spawner {
  // <spawn.h> of glibc.
  private static final int SETPGROUP = 0x02;
  private static final int SETSIGDEF = 0x04;
  private static final int SETSIGMASK = 0x08;
  private static final int SETSID = 0x80;
  private static final int CLONE_FS = 0x200;
  // Larger than posix_spawnattr_t (336), posix_spawn_file_actions_t (80) and sigset_t (128) of
  // every glibc.
  private static final int STRUCT_SIZE = 512;
  // SIGKILL and SIGSTOP have no disposition. The set has 32 and 33, which glibc keeps for itself:
  // it would leave them ignored.
  private static final long NOT_SETTABLE = bit(Signals.KILL) | bit(Signals.STOP);

  private static final Libc ATTR_INIT = new Libc("posix_spawnattr_init");
  private static final Libc ATTR_DESTROY = new Libc("posix_spawnattr_destroy");
  private static final Libc SET_FLAGS = new Libc("posix_spawnattr_setflags");
  private static final Libc SET_PGROUP = new Libc("posix_spawnattr_setpgroup");
  private static final Libc SET_SIGDEFAULT = new Libc("posix_spawnattr_setsigdefault");
  private static final Libc SET_SIGMASK = new Libc("posix_spawnattr_setsigmask");
  private static final Libc ACTIONS_INIT = new Libc("posix_spawn_file_actions_init");
  private static final Libc ACTIONS_DESTROY = new Libc("posix_spawn_file_actions_destroy");
  private static final Libc ADD_OPEN = new Libc("posix_spawn_file_actions_addopen");
  private static final Libc ADD_DUP2 = new Libc("posix_spawn_file_actions_adddup2");
  private static final Libc ADD_CLOSE = new Libc("posix_spawn_file_actions_addclose");
  private static final Libc ADD_CLOSEFROM = new Libc("posix_spawn_file_actions_addclosefrom_np");
  private static final Libc ADD_CHDIR = new Libc("posix_spawn_file_actions_addchdir_np");
  private static final Libc POSIX_SPAWN = new Libc("posix_spawn");

  private Spawner() {}

  static int spawn(SpawnSpec spec) throws OsException {
    try (Arena arena = new Arena()) {
      long actions = arena.allocate(STRUCT_SIZE);
      long attributes = arena.allocate(STRUCT_SIZE);
      zero(ACTIONS_INIT, actions);
      try {
        zero(ATTR_INIT, attributes);
        try {
          addActions(spec, arena, actions);
          enterWithoutAction(spec, arena);
          setAttributes(spec, arena, attributes);
          long pid = arena.allocate(8);
          long argv = vector(arena, spec.argv());
          long environment = vector(arena, spec.environment());
          int error =
              POSIX_SPAWN.call(
                  pid, arena.string(spec.path()), actions, attributes, argv, environment);
          if (error != 0) {
            throw POSIX_SPAWN.failure(spec.path().toString(), error);
          }
          return Libc.MEMORY.getInt(pid);
        } finally {
          ATTR_DESTROY.call(attributes);
        }
      } finally {
        ACTIONS_DESTROY.call(actions);
      }
    }
  }

  private static void setAttributes(SpawnSpec spec, Arena arena, long attributes)
      throws OsException {
    int leads =
        switch (spec.leads()) {
          case SESSION -> SETSID;
          case GROUP -> SETPGROUP;
          case NOTHING -> 0;
        };
    zero(SET_FLAGS, attributes, leads | SETSIGDEF | SETSIGMASK);
    if (leads == SETPGROUP) {
      zero(SET_PGROUP, attributes, 0);
    }
    long set = arena.allocate(STRUCT_SIZE);
    zero(SET_SIGMASK, attributes, set);
    Libc.MEMORY.putLong(set, ~(spec.signals().ignored() | NOT_SETTABLE));
    zero(SET_SIGDEFAULT, attributes, set);
  }

  /**
   * Adds the actions in the order in which they run: everything that needs descriptor numbers
   * first, since the limit of open files is set while the process is at the gate, and an inherited
   * descriptor may be above it; then the gate; the directory last.
   */
  private static void addActions(SpawnSpec spec, Arena arena, long actions) throws OsException {
    NavigableSet<Integer> targets = new TreeSet<>();
    spec.descriptors().forEach(d -> targets.add(d.to()));
    if (spec.gate() != null) {
      zero(ADD_CLOSE, actions, spec.gate().close());
    }
    int free = lowestMissing(targets);
    List<SpawnSpec.Descriptor> wanted = new ArrayList<>(spec.descriptors());
    if (spec.gate() != null) {
      // The leash is above the descriptor that the gate opens, which has to be below the limit of
      // open files.
      int leash = Math.max(free, targets.isEmpty() ? 0 : targets.last()) + 1;
      wanted.add(new SpawnSpec.Descriptor(spec.gate().leash(), leash));
      targets.add(leash);
    }
    int moved = addMoves(wanted, actions);
    int highest = targets.isEmpty() ? 2 : Math.max(2, targets.last());
    for (int fd = 0; fd <= highest; fd++) {
      if (!targets.contains(fd)) {
        zero(ADD_CLOSE, actions, fd);
      }
    }
    closeFrom(actions, highest + 1, moved);
    if (spec.gate() != null) {
      zero(
          ADD_OPEN,
          actions,
          free,
          arena.string(spec.gate().unknown()),
          DescriptorCalls.Open.READ,
          0);
      zero(
          ADD_OPEN, actions, free, arena.string(spec.gate().alive()), DescriptorCalls.Open.PATH, 0);
      zero(ADD_OPEN, actions, free, arena.string(spec.gate().fifo()), DescriptorCalls.Open.READ, 0);
      zero(
          ADD_OPEN, actions, free, arena.string(spec.gate().alive()), DescriptorCalls.Open.PATH, 0);
      zero(ADD_CLOSE, actions, free);
      zero(ADD_CLOSE, actions, targets.last());
    }
    if (spec.directory() != null && ADD_CHDIR.exists()) {
      zero(ADD_CHDIR, actions, arena.string(spec.directory()));
    }
  }

  /**
   * Enters the directory where glibc, before 2.29, has no action for one: a thread that shares its
   * own with no other, see CLONE_FS, enters it, and the child begins there.
   */
  private static void enterWithoutAction(SpawnSpec spec, Arena arena) throws OsException {
    if (spec.directory() == null || ADD_CHDIR.exists()) {
      return;
    }
    Libc unshare = new Libc("unshare");
    if (unshare.call(CLONE_FS) != 0) {
      throw unshare.failure(
          "CLONE_FS, needed with this C library for another directory; change into it before",
          Libc.errno());
    }
    new Libc("chdir").check(spec.directory().toString(), arena.string(spec.directory()));
  }

  private static int lowestMissing(Set<Integer> numbers) {
    int number = 0;
    while (numbers.contains(number)) {
      number++;
    }
    return number;
  }

  /**
   * Moves sources above every target first, so that no move overwrites the source of a later one.
   * Answers the highest number that is in use after that.
   */
  private static int addMoves(List<SpawnSpec.Descriptor> wanted, long actions) throws OsException {
    int above = 2;
    for (SpawnSpec.Descriptor d : wanted) {
      above = Math.max(above, Math.max(d.to(), d.from()));
    }
    List<SpawnSpec.Descriptor> moves = wanted.stream().filter(d -> d.from() != d.to()).toList();
    for (int i = 0; i < moves.size(); i++) {
      zero(ADD_DUP2, actions, moves.get(i).from(), above + 1 + i);
    }
    for (int i = 0; i < moves.size(); i++) {
      zero(ADD_DUP2, actions, above + 1 + i, moves.get(i).to());
    }
    for (SpawnSpec.Descriptor d : wanted) {
      if (d.from() == d.to()) {
        // dup2 onto itself clears FD_CLOEXEC, see posix_spawn_file_actions_adddup2(3).
        zero(ADD_DUP2, actions, d.from(), d.to());
      }
    }
    return above + moves.size();
  }

  private static void closeFrom(long actions, int first, int moved) throws OsException {
    if (ADD_CLOSEFROM.exists()) {
      zero(ADD_CLOSEFROM, actions, first);
      return;
    }
    // This is for glibc before 2.34, and names every descriptor that is open now or by the actions
    // before this one; those that another thread opens later are close-on-exec in the JDK.
    String[] open = new File("/proc/self/fd").list();
    if (open == null) {
      throw new OsException(
          "list /proc/self/fd", Errno.ENOENT, "needed to close descriptors with this C library");
    }
    IntStream.concat(
            Arrays.stream(open).mapToInt(Integer::parseInt).filter(fd -> fd > moved),
            IntStream.rangeClosed(first, moved))
        .filter(fd -> fd >= first)
        .forEach(fd -> ADD_CLOSE.call(actions, fd));
  }

  static long vector(Arena arena, List<OsString> strings) {
    long vector = arena.allocate(8L * (strings.size() + 1));
    long size = strings.stream().mapToLong(s -> s.length() + 1L).sum();
    long at = arena.allocate(size);
    for (int i = 0; i < strings.size(); i++) {
      byte[] bytes = strings.get(i).bytes();
      Libc.MEMORY.putByteArray(at, bytes, 0, bytes.length);
      Libc.MEMORY.putLong(vector + 8L * i, at);
      at += bytes.length + 1L;
    }
    return vector;
  }

  private static long bit(int signal) {
    return 1L << (signal - 1);
  }

  private static void zero(Libc function, long... arguments) throws OsException {
    int error = function.call(arguments);
    if (error != 0) {
      throw function.failure("", error);
    }
  }
}
