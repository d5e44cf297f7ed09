package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.os.DescriptorCalls;
import dev.guard.os.Errno;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.OsString;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Lets a program of the user write wrongly whatever it can write, and calls guard: it never hangs,
 * ends nobody else, follows no link, and says in one line which file it can not use and why.
 *
 * <p>A sample of all files, damages and calls; {@code -Dattacker.calls=100000} makes all of them,
 * {@code -Dattacker.seed} another sample.
 */
@ExtendWith(NothingLeft.class)
@Needs("tmux")
class AttackerIT {
  private static final boolean ROOT = System.getProperty("user.name").equals("root");
  private static final int CALLS = Integer.getInteger("attacker.calls", 66);
  private static final long SEED = Long.getLong("attacker.seed", 15);
  // What hangs never ends; a busy machine is slow.
  private static final int DEADLINE_SECONDS = 20;

  private static final List<String> FILES =
      List.of(
          "run/guard/budgets/own.state",
          "run/guard/budgets/own.state.new",
          "run/guard/budgets/own.lock",
          "run/guard/commands/LIVE",
          "run/guard/commands/names.lock",
          "run/guard/ended/ENDED.json",
          "run/guard/ended/ENDED.new",
          "run/guard/sessions/a.json",
          "run/guard/sessions/a.lock",
          "run/guard/sessions/a.told",
          "state/guard/events.jsonl",
          "state/guard/events.jsonl.1",
          "state/guard/logs/ENDED.log");

  private static final List<String> DIRECTORIES =
      List.of(
          "run/guard/budgets",
          "run/guard/commands",
          "run/guard/ended",
          "run/guard/sessions",
          "state/guard",
          "state/guard/logs");

  private static final Set<Damage> OF_DIRECTORIES =
      Set.of(Damage.EMPTY, Damage.FIFO, Damage.LINK, Damage.DEVICE, Damage.ANOTHERS);
  private static final int NOT_WAITING = DescriptorCalls.Open.WRITE | DescriptorCalls.Open.NONBLOCK;
  private static final Set<Damage> ROOTS = Set.of(Damage.DEVICE, Damage.ANOTHERS);

  private static final List<String> CALLS_OF_GUARD =
      List.of(
          "exec --name n -- true",
          "exec -d --name n -- true",
          "ps -a",
          "wait ENDED",
          "logs ENDED",
          "stop ENDED",
          "stop LIVE",
          "rm ENDED",
          "reap",
          "history",
          "why ENDED",
          "doctor leaks",
          "session list");

  @TempDir private Path directory;
  private OwnStore store;
  private Process bystander;
  private String live;
  private String ended;
  private final List<String> failures = new ArrayList<>();
  private int starts;

  /** One call of guard with one damage. */
  private record Attack(String file, Damage damage, String call) {}

  @BeforeEach
  void begin() throws Exception {
    store = OwnStore.in(directory);
    bystander = new ProcessBuilder("sleep", "600").start();
    ended = detach("--name", "done", "--", "echo", "written");
    awaitOnlyKnown();
    Files.copy(history(), history().resolveSibling("events.jsonl.1"));
    startLive();
  }

  @AfterEach
  void end() throws Exception {
    restore();
    call("rm", "-f", live);
    bystander.destroyForcibly().waitFor();
  }

  private Path history() {
    return directory.resolve("state/guard/events.jsonl");
  }

  private GuardProcess guard(String... words) {
    starts++;
    return store
        .on(GuardProcess.of(words))
        .with("GUARD_MAX_PROCESSES", "30")
        .with("GUARD_ID", "a\njunk ../../x");
  }

  private Finished call(String... words) {
    return guard(words).run();
  }

  private String detach(String... words) {
    List<String> all = new ArrayList<>(List.of("exec", "-d"));
    all.addAll(List.of(words));
    Finished f = call(all.toArray(String[]::new));
    assertThat(f.exit()).as(f.errors()).isZero();
    return f.output().strip();
  }

  /** Starts a command that lives, and keeps what the store and the state are then. */
  private void startLive() throws Exception {
    live = detach("--", "sleep", "600");
    Files.createDirectories(directory.resolve("run/guard/sessions"));
    for (String name : List.of("a.json", "a.told", "a.lock")) {
      Files.writeString(
          directory.resolve("run/guard/sessions").resolve(name), "{\"version\":1,\"name\":\"a\"}");
    }
    Files.writeString(directory.resolve("run/guard/commands/names.lock"), "");
    Damage.remove(directory.resolve("whole"));
    Files.createDirectories(directory.resolve("whole/run"));
    copy("run/guard", "whole/run/");
    copy("state", "whole/");
  }

  private void copy(String from, String to) throws Exception {
    Process cp = new ProcessBuilder("cp", "-a", from, to).directory(directory.toFile()).start();
    assertThat(cp.waitFor()).isZero();
  }

  private void restore() throws Exception {
    Damage.remove(directory.resolve("run/guard"));
    Damage.remove(directory.resolve("state"));
    copy("whole/run/guard", "run/");
    copy("whole/state", ".");
    Damage.remove(directory.resolve("victim"));
    Files.createDirectories(directory.resolve("victim"));
    Files.writeString(victim(), "the victim's");
  }

  private Path victim() {
    return directory.resolve("victim/file");
  }

  private void awaitOnlyKnown() {
    NothingLeft.awaitNoneBut(live == null ? Set.of(bystander.pid()) : known());
  }

  private Set<Long> known() {
    return Set.of(
        bystander.pid(),
        Store.pid(whole(), live, "guard"),
        Store.pid(whole(), live, "lifeline"),
        Store.pid(whole(), live, "main"));
  }

  private static List<Attack> attacks() {
    List<Attack> all = new ArrayList<>();
    for (String call : CALLS_OF_GUARD) {
      for (Damage damage : Damage.values()) {
        if (ROOT || !ROOTS.contains(damage)) {
          FILES.forEach(f -> all.add(new Attack(f, damage, call)));
        }
        if (OF_DIRECTORIES.contains(damage) && (ROOT || !ROOTS.contains(damage))) {
          DIRECTORIES.forEach(d -> all.add(new Attack(d, damage, call)));
        }
      }
    }
    Collections.shuffle(all, new Random(SEED));
    return all.subList(0, Math.min(CALLS, all.size()));
  }

  @Test
  void nothingIsBelievedThatOthersCanWrite() throws Exception {
    List<Attack> attacks = attacks();
    int longest = 0;
    Attack slowest = null;
    for (Attack attack : attacks) {
      restore();
      int millis = attack(attack);
      if (millis > longest) {
        longest = millis;
        slowest = attack;
      }
    }
    System.out.printf(
        "AttackerIT: %d damaged calls, %d starts of guard, the slowest took %d ms: %s%n",
        attacks.size(), starts, longest, slowest);
    assertThat(failures).as(String.join("\n\n", failures)).isEmpty();
  }

  /** What guard, its lifeline and its main process have open can be written to as well. */
  @Test
  void whoIsToldNonsenseByAPipeEndsNobodyElse() throws Exception {
    Random random = new Random(SEED);
    for (long pid :
        List.of(Store.pid(whole(), live, "guard"), Store.pid(whole(), live, "lifeline"))) {
      try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc/" + pid + "/fd"))) {
        for (Path one : all) {
          tell(one, random);
        }
      }
    }
    assertThat(call("ps").errors()).isEmpty();
    assertThat(call("stop", live).exit()).isZero();
    for (long pid : known()) {
      if (pid != bystander.pid()) {
        Polling.until("process " + pid + " has ended", () -> !Store.lives(pid));
      }
    }
    assertThat(bystander.isAlive()).isTrue();
  }

  private void tell(Path pipe, Random random) throws IOException {
    byte[] junk = new byte[512];
    random.nextBytes(junk);
    String lines =
        "\ngroup a)x 1 2\ngroup a;exit 1\nadopted "
            + live
            + " "
            + bystander.pid()
            + " x\ncgroup "
            + live
            + " /sys/fs/cgroup\n";
    int descriptor;
    try {
      if (!Files.readSymbolicLink(pipe).toString().startsWith("pipe:")) {
        return;
      }
      descriptor = Os.linux().open(OsString.of(pipe.toString()), NOT_WAITING, 0);
    } catch (NoSuchFileException | OsException e) {
      // It was closed meanwhile: by what it was told, guard may be ending its command.
      return;
    }
    try {
      int ignored = Os.linux().writeSome(descriptor, junk);
      ignored = Os.linux().writeSome(descriptor, lines.getBytes(StandardCharsets.UTF_8));
    } catch (OsException e) {
      // Nobody reads it any more.
      assertThat(e.errno()).isEqualTo(Errno.EPIPE);
    } finally {
      Os.linux().close(descriptor);
    }
  }

  private Path whole() {
    return directory.resolve("whole/run/guard");
  }

  private Path place(String file) {
    String record = Store.recordFile(whole(), live).orElseThrow().getFileName().toString();
    return directory.resolve(file.replace("LIVE", record).replace("ENDED", ended));
  }

  private int attack(Attack attack) throws Exception {
    Path place = place(attack.file());
    boolean isDirectory = DIRECTORIES.contains(attack.file());
    Path victim = isDirectory ? directory.resolve("victim") : victim();
    attack.damage().to(place, victim, new Random(SEED + starts));
    String[] words = attack.call().replace("LIVE", live).replace("ENDED", ended).split(" ", -1);
    long begin = System.nanoTime();
    Running running = guard(words).start();
    if (!running.process().waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
      fail(attack, "hangs", MachineRemains.text(running.errors()));
      running.process().destroyForcibly();
    }
    int millis = (int) ((System.nanoTime() - begin) / 1_000_000);
    judge(attack, place, running.await());
    if (attack.call().equals("stop LIVE")) {
      restart();
    }
    awaitOnlyKnown();
    return millis;
  }

  /** Whatever of it is still there ends, by the pids that are known. */
  private void restart() throws Exception {
    for (long pid : known()) {
      if (pid != bystander.pid() && Store.lives(pid)) {
        Signal.send("KILL", Long.toString(pid));
      }
    }
    live = null;
    awaitOnlyKnown();
    restore();
    Damage.remove(directory.resolve("run/guard/commands"));
    Files.createDirectory(directory.resolve("run/guard/commands"));
    startLive();
  }

  private void fail(Attack attack, String what, String errors) {
    failures.add(attack + ": " + what + "\n" + errors);
  }

  private void judge(Attack attack, Path place, Finished f) throws IOException {
    String said = f.errors();
    if (!Set.of(0, 75, 125, 143).contains(f.exit())) {
      fail(attack, "exit " + f.exit(), said);
    }
    if (said.matches("(?s).*(\tat |Exception|Error|java[.]|gson|http|Input length).*")) {
      fail(attack, "says what only its authors understand", said);
    }
    if (!said.matches("(guard: [^\\p{Cntrl}]+\n)*")) {
      fail(attack, "says no whole lines", said);
    }
    // A log is what the command has written, whatever that was.
    boolean isLog = attack.call().startsWith("logs");
    if (!isLog && f.output().chars().anyMatch(c -> c < ' ' && c != '\n')) {
      fail(attack, "writes control characters", f.output());
    }
    if (attack.call().equals("session list")
        && attack.file().contains("sessions/")
        && f.exit() != 0) {
      fail(attack, "does not list the others", said);
    }
    boolean named = said.contains(place.getFileName().toString());
    if (f.exit() == 125 && !named) {
      fail(attack, "does not name " + place, said);
    }
    assertVictimIsWhole(attack);
    if (!bystander.isAlive()) {
      fail(attack, "has ended a bystander", said);
    }
    boolean lives = Store.lives(Store.pid(whole(), live, "main"));
    if (lives == attack.call().equals("stop LIVE")) {
      fail(attack, lives ? "has not ended the command" : "has ended another command", said);
    }
  }

  private void assertVictimIsWhole(Attack attack) throws IOException {
    try (var all = Files.list(directory.resolve("victim"))) {
      List<Path> there = all.toList();
      if (!there.equals(List.of(victim()))
          || !MachineRemains.text(victim()).equals("the victim's")) {
        fail(attack, "has followed a link: " + there, "");
      }
      assertThat(Files.isRegularFile(victim(), LinkOption.NOFOLLOW_LINKS)).isTrue();
    }
  }
}
