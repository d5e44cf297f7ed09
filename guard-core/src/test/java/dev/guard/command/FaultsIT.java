package dev.guard.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.config.GuardConfig;
import dev.guard.config.Setting;
import dev.guard.os.Kernel;
import dev.guard.store.StoreDirectory;
import dev.guard.testing.Await;
import dev.guard.testing.Faults;
import dev.guard.testing.Host;
import dev.guard.testing.TestCommands;
import dev.guard.value.CommandInput;
import dev.guard.value.CommandOutput;
import dev.guard.value.Request;
import dev.guard.value.Result;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Refuses one call of a whole life, from the making of a Guard to its close: the first, the second,
 * and so on until none is refused any more. The command is refused or ended, its result is there,
 * and nothing is left. Needs root, or a cgroup that may be written.
 *
 * <p>{@code -Dfaults.stride=1} has every call refused, in every way.
 */
class FaultsIT {
  private static final Optional<Integer> STRIDE =
      Optional.ofNullable(Integer.getInteger("faults.stride"));
  private static final Map<Setting, String> SETTINGS =
      Map.of(Setting.TIMEOUT, "0.15", Setting.KILL_AFTER, "0.05");
  // It ignores TERM, and has a child that has left its group.
  private static final String STAYS = "trap '' TERM; setsid sleep 61 & sleep 60 & wait; wait";

  private int injected;
  private int most;

  @BeforeAll
  static void warmUp() throws Exception {
    // What this JVM opens once and keeps.
    new FaultsIT().life(Faults.at(0, 0), quick(), Integer.MAX_VALUE);
  }

  private static Request quick() {
    return Request.of("true").capturing(100);
  }

  private static Request stays() {
    return Request.of("sh", "-c", STAYS)
        .withInput(new CommandInput.Bytes(new byte[] {'x'}))
        .withOutput(new CommandOutput.Capture(100), new CommandOutput.Discard());
  }

  @Test
  void aCommandThatEnds() throws Exception {
    everyCall("true", quick(), 5);
  }

  @Test
  void aCommandThatIsEndedAtItsTimeout() throws Exception {
    everyCall("timeout", stays(), 11);
  }

  private void everyCall(String name, Request request, int stride) throws Exception {
    boolean all = STRIDE.isPresent() && STRIDE.get() == 1;
    int step = STRIDE.orElse(stride);
    boolean more = true;
    for (int call = 1; more; call += step) {
      List<Integer> kinds =
          all ? Faults.KINDS : List.of(Faults.KINDS.get(call % Faults.KINDS.size()));
      more = false;
      for (int kind : kinds) {
        Faults faults = Faults.at(call, kind);
        life(faults, request);
        more |= !faults.injected().isEmpty();
      }
    }
    print(name);
  }

  @Test
  void aCommandWhoseGuardRunsOutOfDescriptors() throws Exception {
    Faults none = Faults.at(0, 0);
    life(none, stays());
    int calls = none.calls();
    int lives = STRIDE.isPresent() ? calls / STRIDE.get() : 3;
    for (int i = 1; i <= lives; i++) {
      life(Faults.withoutDescriptorsFrom(calls * i / (lives + 1)), stays());
    }
    print("out of descriptors");
  }

  @Test
  void aCommandThatIsLeftAtItsGateForWantOfADescriptor() throws Exception {
    Faults faults = Faults.withoutDescriptorsOnceSpawned();
    life(faults, stays());
    assertThat(faults.injected()).isNotEmpty();
  }

  @Test
  void aLifelineWhosePipeCanNotBeMadeReadyLeavesNoDescriptor() throws Exception {
    Faults faults = Faults.withoutDescriptorFor("setNonBlocking");
    life(faults, stays());
    assertThat(faults.injected()).startsWith("setNonBlocking");
  }

  @Test
  void aRunnerThatCanNotBeMadeLeavesNoLifeline() throws Exception {
    Faults faults = Faults.errorAt("memoryFile");
    life(faults, quick());
    assertThat(faults.injected()).startsWith("memoryFile");
  }

  @Test
  void whatCouldNotBeEndedKeepsItsRecordAndIsEndedByTheLifeline() throws Exception {
    Faults faults = Faults.none();
    Kernel kernel = faults.kernel();
    UserStore store = new UserStore(kernel, System.getenv());
    CommandRunner guard =
        new CommandRunner(
            store,
            TestCommands.config(Map.of()),
            store.budgets(),
            Caller.ofProgram(kernel),
            Optional.empty());
    CommandHandle command = guard.start(stays());
    command.released().get(20, TimeUnit.SECONDS);
    Set<String> id = Set.of(command.id());
    Await.until("it runs, with its children", () -> marked(id).size() >= 3);
    faults.refuseAllKills();
    command.cancel();

    Result result = command.result().get(40, TimeUnit.SECONDS);

    faults.end();
    assertThat(result.exitCode()).isEqualTo(125);
    assertThat(result.survivors()).isNotEmpty();
    assertThat(marked(id)).isNotEmpty();
    assertThat(UserStore.open().records().find(command.id())).isPresent();
    guard.close();
    Await.until("the lifeline has ended it", () -> marked(id).isEmpty());
    Await.until("and removed its cgroup", () -> Host.cgroups(id).isEmpty());
  }

  private void print(String name) {
    System.out.printf("faults, %s: %d calls, %d failures injected%n", name, most, injected);
    assertThat(injected).isPositive();
  }

  /** One Guard, one command, and what must be true after it. */
  private void life(Faults faults, Request request) throws Exception {
    life(faults, request, Host.descriptors());
  }

  private void life(Faults faults, Request request, int descriptors) throws Exception {
    Set<Integer> children = children();
    Optional<String> id = Optional.empty();
    String end = "";
    boolean isOver = false;
    GuardConfig config = TestCommands.config(SETTINGS);
    Kernel kernel = faults.kernel();
    try {
      UserStore store = new UserStore(kernel, System.getenv());
      try (CommandRunner guard =
          new CommandRunner(
              store, config, store.budgets(), Caller.ofProgram(kernel), Optional.empty())) {
        CommandHandle command = guard.start(request);
        id = Optional.of(command.id());
        Result result = command.result().get(40, TimeUnit.SECONDS);
        end = result.outcome() + " " + result.survivors() + " " + result.notes();
        faults.end();
        isOver = true;
      }
    } catch (Exception | Error e) {
      end += " " + e;
    }
    most = Math.max(most, faults.calls());
    injected += faults.injected().isEmpty() ? 0 : 1;
    String what = faults.injected() + " at call of " + faults.calls() + ", " + id + ": " + end;
    Set<String> ids = id.map(Set::of).orElse(Set.of());
    Await.until(what + "\nno child is left", () -> children.containsAll(children()));
    assertThat(what).doesNotContain("TimeoutException");
    assertThat(marked(ids)).as(what).isEmpty();
    assertThat(Host.cgroups(ids)).as(what).isEmpty();
    assertThat(Host.gates(ids)).as(what).isEmpty();
    assertThat(UserStore.open().records().look().records())
        .as(what)
        .noneMatch(r -> ids.contains(r.id()));
    if (isOver) {
      assertThat(placesTaken()).as(what).noneMatch(p -> ids.contains(p.split(" ", -1)[1]));
    }
    Await.until(what + "\nno descriptor is left", () -> Host.descriptors() <= descriptors);
  }

  /** Places that count; one that is held counts as many processes as there are. */
  private static List<String> placesTaken() throws Exception {
    Kernel kernel = Kernel.system();
    Optional<String> runtime = Optional.ofNullable(System.getenv("XDG_RUNTIME_DIR"));
    Path budgets = StoreDirectory.find(kernel.os(), kernel.procfs(), runtime).resolve("budgets");
    Path state = budgets.resolve(TestCommands.config(SETTINGS).budget() + ".state");
    List<String> lines;
    try {
      lines = Files.readAllLines(state);
    } catch (NoSuchFileException e) {
      // Another program has removed it, as it does with budgets that nobody has a place in.
      return List.of();
    }
    return lines.stream()
        .filter(line -> line.matches("place [^ ]+ [^ ]+ [^ ]+ [01] =[^ ]*"))
        .toList();
  }

  private static Set<Integer> children() throws Exception {
    Set<Integer> all = new TreeSet<>(Host.children(false));
    all.addAll(Host.children(true));
    return all;
  }

  private static Set<Integer> marked(Set<String> ids) throws Exception {
    Set<Integer> marked = new TreeSet<>();
    for (String id : ids) {
      marked.addAll(Host.started(id));
    }
    return marked;
  }
}
