package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** Calls {@code guard setup} as it is packaged, in a home of its own. */
class SetupIT {
  private static final String SHELL = GuardProcess.FOLDER.resolve("libexec/guard/bash").toString();
  private static final String BASH_ENV =
      GuardProcess.FOLDER.resolve("share/guard/bash-env.sh").toString();

  @TempDir Path temporary;
  private Path home;
  private Path project;

  @BeforeEach
  void aHome() throws IOException {
    home = Files.createDirectory(temporary.toRealPath().resolve("home"));
    project = Files.createDirectory(home.resolve("project"));
  }

  static boolean isRoot() {
    return System.getProperty("user.name").equals("root");
  }

  private GuardProcess setup(String... words) {
    return GuardProcess.of(
            Stream.concat(Stream.of("setup"), Stream.of(words)).toArray(String[]::new))
        .in(project)
        .with("HOME", home.toString())
        .with("PATH", "/usr/bin:/bin")
        .without("XDG_CONFIG_HOME")
        .without("XDG_STATE_HOME");
  }

  private Finished done(String... words) {
    Finished run = setup(words).run();
    assertThat(run.exit()).as(run.errors()).isZero();
    return run;
  }

  private void write(String file, String text) {
    try {
      Files.createDirectories(home.resolve(file).getParent());
      Files.writeString(home.resolve(file), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String read(String file) {
    return MachineRemains.text(home.resolve(file));
  }

  /** Every file and folder with its mode and text, but for what Guard keeps for itself. */
  private Map<String, String> everything() {
    try (Stream<Path> all = Files.walk(home)) {
      return all.filter(p -> !p.startsWith(home.resolve(".local/state")))
          .filter(p -> !p.equals(home.resolve(".local")))
          .collect(
              Collectors.toMap(Path::toString, SetupIT::description, (a, b) -> a, TreeMap::new));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String description(Path file) {
    try {
      if (Files.isSymbolicLink(file)) {
        return "-> " + Files.readSymbolicLink(file);
      }
      String mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
      return mode + (Files.isDirectory(file) ? "/" : " " + MachineRemains.text(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void everyAgentIsSetUpAndUndoneWithoutATrace() {
    String[] agents = {
      "claude",
      "codex",
      "gemini",
      "opencode",
      "pi",
      "qwen",
      "copilot",
      "cline",
      "aider",
      "goose",
      "crush",
      "amp"
    };
    Map<String, String> before = everything();
    Finished dry = done(words(agents, "--dry-run"));
    assertThat(everything()).as("after --dry-run").isEqualTo(before);
    assertThat(home.resolve(".local")).doesNotExist();

    Finished first = done(agents);
    assertThat(differences(first)).isEqualTo(differences(dry)).hasSizeGreaterThan(20);
    assertThat(read(".claude/settings.json")).contains("\"CLAUDE_CODE_SHELL\": \"" + SHELL + "\"");
    assertThat(read(".codex/config.toml"))
        .contains("set.BASH_ENV = \"" + BASH_ENV + "\"\n", "exclude = [\"GUARD_ID\"]\n")
        .contains("set.SHLVL = \"1\"\n")
        .contains("[features]\ndaemon_auto_start = false\n");
    assertThat(read(".gemini/.env")).isEqualTo("BASH_ENV=" + BASH_ENV + "\n");
    assertThat(read(".config/opencode/opencode.json")).contains("\"shell\": \"" + SHELL + "\"");
    assertThat(read(".pi/agent/settings.json")).contains("\"shellPath\": \"" + SHELL + "\"");
    assertThat(read(".copilot/settings.json")).contains("\"bashEnv\": true");
    assertThat(description(home.resolve(".claude/settings.json"))).startsWith("rw------- ");
    assertThat(description(home.resolve(".local/bin/qwen"))).startsWith("rwxr-xr-x ");
    assertThat(home.resolve(".codex/AGENTS.md")).content().contains("Commands run under Guard");
    Map<String, String> after = everything();

    assertThat(done(agents).lines())
        .hasSize(agents.length)
        .allMatch(l -> l.endsWith(": nothing to change"));
    assertThat(everything()).isEqualTo(after);

    done(words(agents, "--undo"));
    assertThat(everything()).isEqualTo(before);
    assertThat(done(words(agents, "--undo")).lines())
        .hasSize(agents.length)
        .allMatch(l -> l.endsWith(": nothing to undo"));
    assertThat(everything()).isEqualTo(before);
  }

  private static String[] words(String[] agents, String option) {
    return Stream.concat(Stream.of(agents), Stream.of(option)).toArray(String[]::new);
  }

  private static List<String> differences(Finished run) {
    return run.lines().stream().filter(l -> l.matches("[-+@].*")).toList();
  }

  @Test
  void aLinkStaysALinkAndAFileKeepsItsModeAndItsKeysAreNotShown() throws IOException {
    String text = "{\n  \"env\": {\n    \"KEY\": \"secret\"\n  }\n}\n";
    write("dotfiles/claude.json", text);
    Files.setPosixFilePermissions(
        home.resolve("dotfiles/claude.json"), PosixFilePermissions.fromString("rw-r-----"));
    Files.createDirectory(home.resolve(".claude"));
    Path link = home.resolve(".claude/settings.json");
    Files.createSymbolicLink(link, Path.of("../dotfiles/claude.json"));

    Finished run = done("claude");
    assertThat(link).isSymbolicLink();
    assertThat(description(home.resolve("dotfiles/claude.json")))
        .startsWith("rw-r----- ")
        .contains("\"KEY\": \"secret\"", SHELL);
    assertThat(run.output()).contains("+    \"CLAUDE_CODE_SHELL\"").doesNotContain("secret");
    assertThat(backups())
        .isNotEmpty()
        .allSatisfy(f -> assertThat(description(f)).matches("(?s)rw-------.*|rwx------/"));

    done("claude", "--undo");
    assertThat(link).isSymbolicLink();
    assertThat(read("dotfiles/claude.json")).isEqualTo(text);
  }

  private List<Path> backups() throws IOException {
    try (Stream<Path> all = Files.walk(home.resolve(".local/state/guard/setup"))) {
      return all.toList();
    }
  }

  @Test
  void whatWasChangedSinceKeepsTheChange() {
    write(".codex/config.toml", "model = \"x\"\n");
    write(".codex/AGENTS.md", "# Mine\n");
    done("codex");
    write(".codex/config.toml", read(".codex/config.toml") + "other = 1\n");
    write(".codex/AGENTS.md", read(".codex/AGENTS.md") + "\nMore.\n");

    Finished undone = done("codex", "--undo");
    assertThat(read(".codex/config.toml")).isEqualTo("model = \"x\"\n\n[features]\nother = 1\n");
    assertThat(read(".codex/AGENTS.md")).isEqualTo("# Mine\n\nMore.\n");
    assertThat(undone.errors())
        .contains("config.toml was changed since: only what Guard has put in was taken out\n");
    assertThat(done("codex", "--undo").output()).isEqualTo("codex: nothing to undo\n");
  }

  @Test
  void whatCanNotBeReadIsRefusedAndNothingOfThatAgentIsWritten() throws IOException {
    write(".claude/settings.json", "{\n  \"env\": {\n    \"A\" 1\n  }\n}\n");
    write(".codex/config.toml", "a = 1\nb =\n");
    write(".local/bin/qwen", "#!/bin/sh\nexec node qwen.js\n");
    Files.createDirectories(home.resolve(".pi/agent/settings.json"));
    Files.createDirectories(home.resolve(".gemini"));
    Files.createSymbolicLink(home.resolve(".gemini/.env"), Path.of("nowhere"));
    Map<String, String> before = everything();

    Finished run = setup("claude", "codex", "qwen", "pi", "gemini").run();

    assertThat(run.exit()).isEqualTo(125);
    assertThat(run.errors().lines())
        .satisfiesExactly(
            l ->
                assertThat(l)
                    .endsWith(
                        "/.claude/settings.json:3: ':' is missing; repair it, then try again"),
            l -> assertThat(l).contains("/.codex/config.toml:2: it is no valid TOML: "),
            l -> assertThat(l).contains("/.local/bin/qwen:1: this program is not Guard's"),
            l -> assertThat(l).endsWith("settings.json is a directory; a file is expected there"),
            l -> assertThat(l).contains("/.gemini/.env is a link to a file that is not there"))
        .allMatch(l -> l.startsWith("guard: setup: "));
    assertThat(everything()).isEqualTo(before);
    assertThat(setup("--list").run().lines())
        .anyMatch(l -> l.matches("claude +Claude Code +damaged +.*/[.]claude"));
  }

  /** Sets Claude Code up where a folder was mounted before, which the shell has as $0. */
  private Finished claudeWith(String mounts, Path folder) {
    String all = mounts + " && exec \"$@\"";
    return setup("claude").through("unshare", "-m", "sh", "-c", all, folder.toString()).run();
  }

  /** Root may write anywhere, so what is read-only here is a mount. */
  @Test
  @EnabledIf(value = "isRoot", disabledReason = "only root can arrange it")
  void whereOneFileCanNotBeWrittenNoneIs() {
    write(".claude/settings.json", "{}\n");
    Map<String, String> before = everything();
    Finished run =
        claudeWith(
            "mount --bind \"$0\" \"$0\" && mount -o remount,bind,ro \"$0\"",
            home.resolve(".claude"));
    assertThat(run.exit()).isEqualTo(125);
    assertThat(run.errors()).contains("can not be written: ").hasLineCount(1);
    assertThat(everything()).isEqualTo(before);
  }

  /** The disk is full when the second file is written: its page is the one that there is. */
  @Test
  @EnabledIf(value = "isRoot", disabledReason = "only root can arrange it")
  void whereTheSecondFileFailsTheFirstIsPutBack() throws IOException {
    write(".claude/settings.json", "{}\n");
    write("full/CLAUDE.md", "# mine\n");
    Files.createSymbolicLink(home.resolve(".claude/CLAUDE.md"), home.resolve("full/CLAUDE.md"));
    Map<String, String> before = everything();
    Finished run =
        claudeWith(
            "mount -t tmpfs -o size=4k full \"$0\" && echo '# mine' >\"$0/CLAUDE.md\"",
            home.resolve("full"));
    assertThat(run.exit()).isEqualTo(125);
    assertThat(run.errors()).contains("CLAUDE.md can not be written: ").hasLineCount(1);
    assertThat(everything()).isEqualTo(before);
    assertThat(done("claude", "--undo").output()).isEqualTo("claude: nothing to undo\n");
  }

  @Test
  void twoAtOnceLeaveWhatOneLeaves() {
    Running one = setup("claude", "codex").start();
    Running two = setup("codex", "claude").start();
    assertThat(one.await().exit()).isZero();
    assertThat(two.await().exit()).isZero();
    assertThat(done("claude", "codex").lines()).allMatch(l -> l.endsWith(": nothing to change"));
    done("claude", "codex", "--undo");
    assertThat(everything().keySet()).containsExactly(home.toString(), project.toString());
  }

  @Test
  void aProjectsFileIsSharedByItsAgents() {
    write("project/AGENTS.md", "# Ours\n");
    done("codex", "opencode", "--project");
    assertThat(read("project/AGENTS.md")).contains("`guard logs web`");
    assertThat(home.resolve(".codex")).doesNotExist();

    Finished codex = done("codex", "--project", "--undo");
    assertThat(codex.errors()).contains("AGENTS.md stays as it is for opencode\n");
    assertThat(read("project/AGENTS.md")).contains("`guard logs web`");
    assertThat(read("project/.codex/config.toml")).isEmpty();

    done("opencode", "--project", "--undo");
    assertThat(read("project/AGENTS.md")).isEqualTo("# Ours\n");
  }

  @Test
  void aLinkOutOfTheProjectIsRefused() throws IOException {
    write("rc", "# mine\n");
    Files.createSymbolicLink(project.resolve("AGENTS.md"), home.resolve("rc"));
    Finished run = setup("codex", "--project").run();
    assertThat(run.exit()).isEqualTo(125);
    assertThat(run.errors()).contains("AGENTS.md leads out of the project, to " + home + "/rc");
    assertThat(read("rc")).isEqualTo("# mine\n");
  }

  @Test
  void aLauncherStartsTheProgramThatIsFurtherOnInThePath() throws IOException {
    Path real = Files.createDirectory(home.resolve("real dir"));
    Path copies = Files.createDirectory(home.resolve("copies"));
    GuardProcess.program(
        real.resolve("qwen"), "#!/bin/sh\nprintf '%s\\n' \"$@\" \"${PATH%%:*}\"\n");
    Finished run = done("qwen");
    assertThat(run.errors()).contains("put " + home + "/.local/bin first in PATH: it is not there");
    Path launcher = home.resolve(".local/bin/qwen");
    // A copy and a link of a launcher are none the less launchers.
    GuardProcess.program(copies.resolve("qwen"), read(".local/bin/qwen"));
    Path links = Files.createDirectory(home.resolve("links"));
    Files.createSymbolicLink(links.resolve("qwen"), launcher);
    String path = launcher.getParent() + ":" + copies + ":" + links + ":/usr/bin:/bin";

    Finished found =
        GuardProcess.program(Path.of("qwen"), List.of("a b", "*"))
            .with("PATH", path + ":" + real)
            .run();
    assertThat(found.lines()).containsExactly("a b", "*", SHELL.replace("/bash", ""));

    Finished none = GuardProcess.program(Path.of("qwen"), List.of()).with("PATH", path).run();
    assertThat(none.exit()).isEqualTo(127);
    assertThat(none.errors()).contains("guard: qwen is nowhere in PATH but for ");
  }

  @Test
  void aPrefixThatIsSetIsWarnedOf() {
    write(".claude/settings.json", "{\"env\": {\"CLAUDE_CODE_SHELL_PREFIX\": \"guard exec --\"}}");
    assertThat(done("claude").errors())
        .startsWith("guard: claude: CLAUDE_CODE_SHELL_PREFIX is set in " + home)
        .hasLineCount(1);
  }

  @Test
  void allAreThoseThatAreInstalled() throws IOException {
    Files.createDirectory(home.resolve(".pi"));
    assertThat(setup("--all").run().errors())
        .contains("setup: no agent is installed of those that are known: claude, codex, ");
    Files.createDirectories(home.resolve(".pi/agent"));
    assertThat(done("--all").lines()).last().asString().startsWith("pi: set up");
    assertThat(done("--all", "--undo").lines()).last().isEqualTo("pi: undone");
  }

  @Test
  void whatIsWrongInTheCallIsSaid() {
    Finished unknown = setup("clau").run();
    assertThat(unknown.exit()).isEqualTo(125);
    assertThat(unknown.errors())
        .startsWith("guard: unknown agent 'clau'; known: claude, codex, gemini, ")
        .hasLineCount(1);
    assertThat(setup().run().errors())
        .startsWith("guard: name an agent, or --all; known: claude, ");
    Finished homeless = setup("claude").without("HOME").run();
    assertThat(homeless.exit()).isEqualTo(125);
    assertThat(homeless.errors()).contains("HOME names no directory; set it");
  }

  @Test
  @EnabledIf(value = "isRoot", disabledReason = "only root can arrange it")
  void anothersHomeIsLeftAlone() throws IOException {
    Files.setAttribute(home, "unix:uid", 1000);
    Finished run = setup("claude").run();
    assertThat(run.exit()).isEqualTo(125);
    assertThat(run.errors()).contains("which belongs to user 1000", "without sudo");
    assertThat(everything().keySet()).containsExactly(home.toString(), project.toString());
  }
}
