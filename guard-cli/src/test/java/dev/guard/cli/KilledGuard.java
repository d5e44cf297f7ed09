package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.cli.shared.ExitCode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Holds a guard in a store of its own that was to be killed at one of its steps, and checks what it
 * leaves.
 */
final class KilledGuard {
  static final String PIDS_MAX = "77";

  /** A command begins with this: it leaves the files began, and limit with its cgroup's limit. */
  static final String SAY_LIMIT =
      "echo >began; while IFS=: read -r n controllers path; do case $n:$controllers in"
          + " *:pids) file=/sys/fs/cgroup/pids$path/pids.max ;; 0:) file=/sys/fs/cgroup$path/pids.max ;; *) file= ;; esac;"
          + " [ -r \"$file\" ] && read -r max <\"$file\" && echo \"$path $max\" >limit; done </proc/self/cgroup; ";

  private static final Pattern ID = Pattern.compile("\\b[0-9a-f]{16}\\b");

  private final int step;
  private final OwnStore store;
  private final Running running;
  // The first guard of --detach leaves that to the second one.
  private final boolean releases;
  private final boolean attached;
  private Finished finished;

  private KilledGuard(
      int step, OwnStore store, Running running, boolean releases, boolean attached) {
    this.releases = releases;
    this.attached = attached;
    this.step = step;
    this.store = store;
    this.running = running;
  }

  /**
   * Starts a guard that is killed at this step.
   *
   * @param word which guard, see {@link KillAtStep}
   */
  static KilledGuard start(
      KillAtStep killer, Path directory, int step, String word, String... arguments) {
    OwnStore store = OwnStore.in(directory.resolve(Integer.toString(step)));
    String[] words = killer.words(store.directory().resolve("report"), step, word);
    Running running =
        store.on(GuardProcess.exec(arguments), words).with("GUARD_PIDS_MAX", PIDS_MAX).start();
    boolean detaches = List.of(arguments).contains("--detach");
    return new KilledGuard(
        step, store, running, !detaches || word.equals(KillAtStep.DETACHED_GUARD), !detaches);
  }

  OwnStore store() {
    return store;
  }

  /** Waits until all have ended that it was the start of. */
  void await() {
    finished = running.await();
  }

  private List<String> report() {
    return store.text("report").lines().toList();
  }

  /** Answers how the first guard ended, once it has. */
  Optional<Integer> ended() {
    return report().stream()
        .filter(l -> l.startsWith("ended "))
        .map(l -> Integer.valueOf(l.substring("ended ".length())))
        .findFirst();
  }

  boolean wasKilled() {
    return report().contains("killed");
  }

  /** The steps that it made, and at the end the one that it was killed at. */
  List<String> steps() {
    return report().stream().filter(l -> l.matches("\\d.*")).toList();
  }

  /** The step at which the message was sent that releases the command. */
  Optional<Integer> release() {
    return steps().stream()
        .filter(l -> l.matches("\\d+ write pipe:\\S+  {4}E"))
        .map(l -> Integer.valueOf(l.substring(0, l.indexOf(' '))))
        .findFirst();
  }

  /** Answers whether it made that step. */
  boolean hasReleased() {
    return release().filter(at -> at < step || !wasKilled()).isPresent();
  }

  /** The first id in a text; empty when there is none. */
  private static String firstId(String text) {
    Matcher matcher = ID.matcher(text);
    return matcher.find() ? matcher.group() : "";
  }

  /** Names the step, for messages. */
  @Override
  public String toString() {
    List<String> steps = steps();
    return store.directory()
        + ", killed at "
        + (steps.isEmpty() ? "?" : steps.get(steps.size() - 1));
  }

  // ---- what must be true

  /** Checks that what ran, ran after the release, and inside its limit; and that guard says so. */
  void ranAsItShould() {
    if (releases && !hasReleased()) {
      assertThat(store.work("began")).as("ran before its release: %s", this).isEmpty();
    }
    if (attached) {
      boolean refused = finished.exit() == ExitCode.GUARD_ERROR;
      assertThat(store.work("began").isEmpty()).as("%s: %s", this, finished).isEqualTo(refused);
    }
    if (!releases || hasReleased()) {
      // The shim has ended by now. What it was not told of, whoever comes next removes.
      assertThat(MachineRemains.cgroups(firstId(String.join("\n", steps()))))
          .as("%s", this)
          .isEmpty();
    }
    String limit = store.work("limit");
    if (!limit.isEmpty()) {
      assertThat(limit).as("%s", this).matches(".*/cmd_[0-9a-f]{16} " + PIDS_MAX + "\n");
    }
  }

  /** A detached command whose id was told lives on until it is stopped; any other does not run. */
  void isTruthfulOfTheDetached() {
    Polling.until("the first guard ends", () -> ended().isPresent());
    if (ended().get() == 0) {
      Polling.until("it runs: " + this, () -> store.work("limit").endsWith("\n"));
      assertThat(MachineRemains.processesWith("GUARD_ID=" + told())).as("%s", this).isNotEmpty();
      stopWhatIsTold();
      return;
    }
    await();
    assertThat(finished.exit()).as("%s", this).isEqualTo(ExitCode.GUARD_ERROR);
    assertThat(finished.errors())
        .as("%s", this)
        .containsAnyOf("and the command has not run", "since its id was not told yet");
    assertThat(finished.output()).as("%s", this).isEmpty();
  }

  private void stopWhatIsTold() {
    Finished stop = stop(told());
    assertThat(stop.exit()).as("stop: %s: %s", this, stop.errors()).isZero();
    assertThat(MachineRemains.processesWith("GUARD_ID=" + told())).as("%s", this).isEmpty();
    await();
  }

  private Finished stop(String id) {
    return store.on(GuardProcess.of("stop", "--grace=0.1", id)).run();
  }

  /** A detached command whose id was told can be stopped; any other ends by itself. */
  void endsUnlessItWasTold() {
    // Not the end of all: that of the one that stays comes when it is stopped.
    Polling.until("the first guard ends", () -> ended().isPresent());
    String told = firstId(told());
    if (!told.isEmpty()) {
      stop(told);
    }
    await();
    String mark = "XDG_STATE_HOME=" + store.directory().resolve("state");
    Polling.until("nothing runs: " + this, () -> MachineRemains.processesWith(mark).isEmpty());
  }

  private String told() {
    return MachineRemains.text(running.output()).strip();
  }

  /** Its processes have gone already: so will everything else, and the next guard has the place. */
  void leavesNothing() {
    Finished next = store.on(GuardProcess.exec("--", "true")).run();
    assertThat(next.exit()).as("the next call: %s: %s", this, next.errors()).isZero();
    assertThat(next.errors()).as("%s", this).isEmpty();
    Finished ps = store.on(GuardProcess.of("ps", "--json")).run();
    assertThat(ps.output().strip()).as("%s: %s", this, ps.errors()).isEqualTo("[]");
    assertThat(ps.errors()).as("%s", this).isEmpty();
    assertThat(store.files())
        .as("%s", this)
        .filteredOn(f -> !f.matches("guard/ended/[0-9a-f]{16}[.]json"))
        .containsExactly("guard", "guard/budgets/own.lock", "guard/budgets/own.state");
    List<String> ids = store.history().stream().map(KilledGuard::firstId).toList();
    assertThat(ids).as("history: %s", this).doesNotHaveDuplicates();
    List<String> all = new ArrayList<>(ids);
    all.add(firstId(String.join("\n", steps())));
    assertThat(all)
        .as("no cgroup: %s", this)
        .allSatisfy(i -> assertThat(MachineRemains.cgroups(i)).isEmpty());
  }
}
