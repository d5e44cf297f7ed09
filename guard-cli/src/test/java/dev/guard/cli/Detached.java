package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Holds a detached command, whose caller has its id.
 *
 * @param call the guard that was called, which has ended
 */
record Detached(String id, Finished call) {
  private static final List<String> STARTED = new ArrayList<>();

  /** Ends and forgets after every test what it has detached. */
  static final class Removed implements AfterEachCallback {
    @Override
    public void afterEach(ExtensionContext context) {
      if (!STARTED.isEmpty()) {
        List<String> words = new ArrayList<>(List.of("rm", "-f"));
        words.addAll(STARTED);
        STARTED.clear();
        guard(words.toArray(String[]::new));
      }
    }
  }

  /** {@code guard exec --detach} with these options, {@code --} and command. */
  static Detached start(String... arguments) {
    return start(call -> call, arguments);
  }

  static Detached start(UnaryOperator<GuardProcess> changes, String... arguments) {
    List<String> all = new ArrayList<>(List.of("--detach"));
    all.addAll(List.of(arguments));
    return of(changes.apply(GuardProcess.exec(all.toArray(String[]::new))).run());
  }

  /** Answers the detached command of a call that wrote its id. */
  static Detached of(Finished call) {
    assertThat(call.exit()).as(call.errors()).isZero();
    assertThat(call.output()).matches("[0-9a-f]{16}\n");
    STARTED.add(call.output().strip());
    return new Detached(call.output().strip(), call);
  }

  /** {@code guard} with these words, which is to end with status 0. */
  static Finished guard(String... words) {
    Finished f = GuardProcess.of(words).run();
    assertThat(f.exit()).as("%s: %s", String.join(" ", words), f.errors()).isZero();
    return f;
  }

  /** The commands that {@code guard ps} shows, those that have ended too. */
  static List<JsonObject> shown() {
    List<JsonObject> all = new ArrayList<>();
    for (JsonElement one :
        JsonParser.parseString(guard("ps", "-a", "--json").output()).getAsJsonArray()) {
      all.add(one.getAsJsonObject());
    }
    return all;
  }

  /** Answers what {@code guard ps} shows of a command. */
  static Optional<JsonObject> shown(String id) {
    return shown().stream().filter(c -> c.get("id").getAsString().equals(id)).findFirst();
  }

  /** Answers its state as {@code guard ps} has it, or "unknown". */
  String state() {
    return shown(id).map(c -> c.get("state").getAsString()).orElse("unknown");
  }

  long guard() {
    return Store.pid(id, "guard");
  }

  long lifeline() {
    return Store.pid(id, "lifeline");
  }

  long main() {
    return Store.pid(id, "main");
  }

  /** Answers its live processes that have its mark. */
  List<Long> processes() {
    return MachineRemains.processesWith("GUARD_ID=" + id);
  }

  /** Kills processes, all in one moment, and returns when they have gone. */
  static void kill(long... pids) {
    List<String> targets = new ArrayList<>();
    for (long pid : pids) {
      targets.add(Long.toString(pid));
    }
    assertThat(Signal.send("KILL", targets.toArray(String[]::new))).isTrue();
    for (long pid : pids) {
      Polling.until("process " + pid + " has gone", () -> !Store.lives(pid));
    }
  }

  Path log() {
    return GuardProcess.STATE.resolve("guard/logs/" + id + ".log");
  }

  /** Waits until its log has this text. */
  void awaitLog(String text) {
    Polling.until("its log has " + text, () -> MachineRemains.text(log()).contains(text));
  }

  /** Proves that no process and no cgroup is left of it, and no record. */
  void assertGone() {
    assertGone(id);
  }

  static void assertGone(String id) {
    assertThat(MachineRemains.processesWith("GUARD_ID=" + id)).isEmpty();
    assertThat(MachineRemains.cgroups(id)).isEmpty();
    assertThat(Store.recordFile(id)).isEmpty();
  }

  boolean hasLog() {
    return Files.exists(log());
  }
}
