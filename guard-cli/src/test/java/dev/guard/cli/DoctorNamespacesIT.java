package dev.guard.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Calls {@code guard doctor namespaces} with real namespaces, without systemd. Needs root. */
@ExtendWith({NothingLeft.class, Detached.Removed.class})
@Needs("unshare")
class DoctorNamespacesIT {
  private static final String READ_ONLY_ETC =
      "mount --bind /etc /etc && mount -o remount,bind,ro /etc && exec \"$@\"";

  @TempDir private Path directory;
  private final List<Process> started = new ArrayList<>();

  @AfterEach
  void endThem() {
    // Waited for here, or NothingLeft would wait for it as well.
    started.forEach(process -> process.destroyForcibly().onExit().join());
  }

  /** An agent by its name, which waits; its words are executed in front of it. */
  private long agent(String... words) throws IOException {
    Path program = directory.resolve("claude");
    Files.copy(Path.of("/bin/sleep").toRealPath(), program);
    List<String> argv = new ArrayList<>(List.of(words));
    argv.addAll(List.of(program.toString(), "300"));
    started.add(new ProcessBuilder(argv).start());
    long pid = started.get(started.size() - 1).pid();
    Polling.until("the agent runs", () -> isAgent(pid) || children(pid).anyMatch(c -> isAgent(c)));
    return isAgent(pid) ? pid : children(pid).findFirst().orElseThrow();
  }

  private static boolean isAgent(long pid) {
    return name(pid).equals("claude");
  }

  private static String name(long pid) {
    return MachineRemains.text(Path.of("/proc", Long.toString(pid), "comm")).strip();
  }

  private static Stream<Long> children(long pid) {
    Path children = Path.of("/proc/" + pid + "/task/" + pid + "/children");
    return Stream.of(MachineRemains.text(children).strip().split(" ", -1))
        .filter(c -> !c.isEmpty())
        .map(Long::valueOf);
  }

  private static Finished doctor(String... words) {
    List<String> all = new ArrayList<>(List.of("doctor", "namespaces"));
    all.addAll(List.of(words));
    return GuardProcess.of(all.toArray(String[]::new)).run();
  }

  /** The finding about the namespace of a process. */
  private static JsonObject finding(long pid, String... words) {
    List<String> all = new ArrayList<>(List.of(words));
    all.add("--json");
    Finished f = doctor(all.toArray(String[]::new));
    for (JsonElement finding : JsonParser.parseString(f.output()).getAsJsonArray()) {
      if (finding.getAsJsonObject().has("namespace")
          && why(finding.getAsJsonObject(), pid) != null) {
        return finding.getAsJsonObject();
      }
    }
    throw new AssertionError("process " + pid + " is in none of " + f.output() + f.errors());
  }

  private static String why(JsonObject finding, long pid) {
    for (JsonElement p : finding.getAsJsonObject("namespace").getAsJsonArray("processes")) {
      if (p.getAsJsonObject().get("pid").getAsLong() == pid) {
        return p.getAsJsonObject().get("why").getAsString();
      }
    }
    return null;
  }

  private static JsonObject directory(JsonObject finding, String path) {
    JsonArray all = finding.getAsJsonObject("namespace").getAsJsonArray("directories");
    for (JsonElement d : all) {
      if (d.getAsJsonObject().get("path").getAsString().equals(path)) {
        return d.getAsJsonObject();
      }
    }
    throw new AssertionError("no " + path + " in " + all);
  }

  @Test
  void anAgentThatSeesAReadOnlyEtcIsFoundAndTheRemedyEndsIt() throws IOException {
    long pid = agent("unshare", "-m", "sh", "-c", READ_ONLY_ETC, "sh");
    String number = Long.toString(pid);
    JsonObject finding = finding(pid);
    assertThat(finding.get("status").getAsString()).isEqualTo("fail");
    assertThat(why(finding, pid)).isEqualTo("agent claude");
    assertThat(finding.getAsJsonObject("namespace").get("cause").getAsString())
        .isEqualTo("unshare");
    assertThat(directory(finding, "/etc").get("writable").getAsBoolean()).isFalse();
    assertThat(directory(finding, "/etc").get("mount_point").getAsString()).isEqualTo("/etc");
    assertThat(directory(finding, "/usr").get("writable").getAsBoolean()).isTrue();

    Finished canary = doctor("--canary", "--pid", number);
    assertThat(canary.exit()).isEqualTo(1);
    assertThat(canary.lines()).hasSizeGreaterThan(5).contains("namespaces");

    String script = finding.getAsJsonObject("remedy").get("script").getAsString();
    Path file = Files.writeString(directory.resolve("remedy.sh"), script);
    Finished remedy = GuardProcess.script("exec sh -e " + file).run();
    assertThat(remedy.exit()).as(remedy.errors()).isZero();
    Polling.until("it has ended", () -> !Store.lives(pid));
    Finished gone = doctor("--pid", number);
    assertThat(gone.exit()).isEqualTo(125);
    assertThat(gone.errors()).isEqualTo("guard: --pid: there is no process " + number + "\n");
    assertThat(gone.output()).isEmpty();
  }

  /** A shell at its prompt ignores TERM, and so does this one. */
  @Test
  void theRemedyEndsWhoWouldNotEnd() throws IOException {
    long pid = agent("unshare", "-m", "sh", "-c", "trap '' TERM;" + READ_ONLY_ETC, "sh");
    String script = finding(pid).getAsJsonObject("remedy").get("script").getAsString();
    Path file = Files.writeString(directory.resolve("remedy.sh"), script);
    assertThat(GuardProcess.script("exec sh -e " + file).run().exit()).isZero();
    Polling.until("it has ended", () -> !Store.lives(pid));
  }

  /** Runs the script as if it were a day later. */
  @Test
  void theRemedySparesAProcessThatHasGotTheNumber() throws IOException {
    long pid = agent("unshare", "-m", "sh", "-c", READ_ONLY_ETC, "sh");
    JsonObject finding = finding(pid);
    String id = finding.getAsJsonObject("namespace").get("id").getAsString();
    String script = finding.getAsJsonObject("remedy").get("script").getAsString();
    assertThat(script).contains("'^" + id + " '");
    Path file =
        Files.writeString(
            directory.resolve("remedy.sh"), script.replace("'^" + id + " '", "'^" + id + "0 '"));
    assertThat(GuardProcess.script("exec sh -e " + file).run().exit()).isZero();
    assertThat(Store.lives(pid)).isTrue();
  }

  @Test
  void theFirstProcessDoesNotDrift() {
    Finished f = doctor("--canary", "--pid", "1");
    assertThat(f.exit()).isZero();
    assertThat(f.output()).isEmpty();
    assertThat(finding(1, "--pid", "1").get("status").getAsString()).isEqualTo("pass");
  }

  @Test
  void anotherNamespaceOfProcessesIsAContainer() throws IOException {
    long pid = agent("unshare", "-m", "-p", "--kill-child", "--mount-proc");
    JsonObject finding = finding(pid);
    assertThat(finding.get("status").getAsString()).isEqualTo("caution");
    assertThat(finding.getAsJsonObject("namespace").get("cause").getAsString())
        .isEqualTo("container");
    assertThat(finding.getAsJsonObject("remedy").get("as").getAsString()).isEqualTo("person");
  }

  @Test
  void whatGuardsRunIsFound() {
    Detached plain = Detached.start("--", "sleep", "300");
    Detached inside = Detached.start("--", "unshare", "-m", "sleep", "300");
    Detached bare = Detached.start(GuardProcess::withoutCgroups, "--", "sleep", "300");
    Polling.until("it is in its namespace", () -> name(inside.main()).equals("sleep"));
    assertThat(why(finding(plain.main()), plain.main())).isEqualTo("guarded");
    assertThat(finding(plain.main()).get("status").getAsString()).isEqualTo("pass");
    assertThat(finding(inside.main()).get("status").getAsString()).isEqualTo("caution");
    assertThat(why(finding(bare.main()), bare.main()))
        .as("by its record alone")
        .isEqualTo("guarded");
  }

  @Test
  void bytesThatAreNoTextDoNoHarmInTheCLocale() throws IOException {
    Path mount = Files.createDirectory(directory.resolve("x"));
    String odd = GuardProcess.quoted(mount + "/\u00ff\u001b[31m");
    Path script =
        GuardProcess.program(
            directory.resolve("odd"),
            "#!/bin/sh\nmkdir " + odd + " && mount -t tmpfs none " + odd + " && exec \"$@\"\n");
    long pid = agent("unshare", "-m", script.toString());
    Finished f = GuardProcess.of("doctor", "--pid", Long.toString(pid)).with("LC_ALL", "C").run();
    assertThat(f.exit()).as(f.errors()).isZero();
    assertThat(new String(f.bytes(), ISO_8859_1))
        .contains("process    " + pid, "elsewhere  " + mount)
        .doesNotContain("\u001b");
  }
}
