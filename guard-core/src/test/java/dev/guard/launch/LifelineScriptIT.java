package dev.guard.launch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.testing.EndsWithoutCgroup;
import dev.guard.testing.Hiding;
import dev.guard.testing.ProcessTree;
import dev.guard.testing.TaskLimit;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** Runs the lifeline's script after guard's end, without a cgroup. */
class LifelineScriptIT {

  @Nested
  class InTheSystemsShell extends EndsTree {
    InTheSystemsShell() {
      super("/bin/sh");
    }
  }

  @Nested
  @EnabledIf(
      value = "dev.guard.launch.LifelineScriptIT#hasBusybox",
      disabledReason = "busybox is not installed")
  class InBusybox extends EndsTree {
    InBusybox() {
      super("busybox", "sh");
    }
  }

  @Nested
  @EnabledIf(
      value = "dev.guard.launch.LifelineScriptIT#hasBash",
      disabledReason = "bash is not installed")
  class InBash extends EndsTree {
    InBash() {
      // As under the name sh.
      super("bash", "--posix");
    }
  }

  static boolean hasBash() {
    return new java.io.File("/bin/bash").canExecute();
  }

  static boolean hasBusybox() {
    return new java.io.File("/bin/busybox").canExecute();
  }

  /** In one shell. */
  abstract static class EndsTree extends EndsWithoutCgroup {
    private final List<String> shell;
    private final List<String> lines = new ArrayList<>();

    EndsTree(String... shell) {
      this.shell = List.of(shell);
    }

    @Override
    protected void end(ProcessTree tree, TaskLimit limit) throws Exception {
      lines.add(0, "gate " + id + " /nowhere/gate");
      lines.add("group " + id + " " + tree.main() + " " + tree.mainStart());
      Process lifeline = start();
      if (limit != null) {
        // Where the command has taken all processes, the lifeline gets none either.
        limit.put((int) lifeline.pid());
      }
      lifeline.outputWriter().write(String.join("\n", lines) + "\n");
      lifeline.outputWriter().close();
      assertThat(lifeline.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }

    private Process start() throws IOException {
      try (InputStream script = ShellLifeline.class.getResourceAsStream("lifeline.sh")) {
        List<String> argv = new ArrayList<>(shell);
        argv.addAll(List.of("-c", new String(script.readAllBytes(), StandardCharsets.UTF_8)));
        return new ProcessBuilder(argv)
            .redirectOutput(Redirect.DISCARD)
            .redirectError(Redirect.DISCARD)
            .start();
      }
    }

    @Test
    void whatGuardHadAdoptedIsEndedAndNobodyElse() throws Exception {
      try (ProcessTree orphan = Hiding.WITH_ENVIRONMENT_CLEARED.start("another");
          ProcessTree other = Hiding.IN_THE_GROUP.start("another");
          ProcessTree tree = Hiding.IN_THE_GROUP.start(id)) {
        lines.add("adopted " + id + " " + orphan.main() + " " + orphan.mainStart());
        lines.add("adopted " + id + " " + other.main() + " " + (other.mainStart() - 1));
        end(tree, null);
        assertThat(orphan.alive()).as("with its descendants").isEmpty();
        assertThat(other.alive()).as("its number was another's").contains(other.main());
      }
    }

    @Test
    void aDetachedCommandIsEndedOnTimeAlsoWhereNoProcessCanBeHad() throws Exception {
      try (TaskLimit one = TaskLimit.of(1);
          ProcessTree tree = Hiding.IN_THE_GROUP.start(id)) {
        String uptime = Files.readString(Path.of("/proc/uptime"));
        long soon = Long.parseLong(uptime.substring(0, uptime.indexOf('.'))) + 2;
        lines.add("detached " + id + " " + soon + " kill");
        end(tree, one);
        assertThat(one.isFull()).as("a fork was refused").isTrue();
        assertThat(tree.alive()).isEmpty();
      }
    }

    @Test
    void aLineThatGuardDoesNotWriteIsPassedOver() throws Exception {
      try (ProcessTree other = Hiding.IN_THE_GROUP.start("another");
          ProcessTree tree = Hiding.IN_THE_GROUP.start(id)) {
        lines.addAll(
            List.of(
                "group a)x 1 2",
                "group a;kill${IFS}-9${IFS}" + other.main() + " 1 2",
                "group $(exit) 1 2",
                "group ' 1 2",
                "done",
                "\u0001\u001b[31m",
                "adopted " + id + " -1 2",
                "adopted " + id + " ../nowhere 2",
                "cgroup " + id + " /sys/fs/cgroup"));
        end(tree, null);
        assertThat(tree.alive()).isEmpty();
        assertThat(other.alive()).contains(other.main());
      }
    }

    @Test
    void ofManyThatWereAdoptedTheLivingAreKept() throws Exception {
      try (ProcessTree orphan = Hiding.IN_THE_GROUP.start("another");
          ProcessTree tree = Hiding.IN_THE_GROUP.start(id)) {
        lines.add("adopted " + id + " " + orphan.main() + " " + orphan.mainStart());
        for (int i = 0; i < 2000; i++) {
          lines.add("adopted " + id + " 99999999 " + i);
        }
        end(tree, null);
        assertThat(orphan.alive()).isEmpty();
      }
    }

    @Test
    void severalCommandsAreEndedTogether() throws Exception {
      try (ProcessTree first = Hiding.WITHOUT_PARENT.start("00000000000000f1");
          ProcessTree second = Hiding.WITHOUT_PARENT.start(id)) {
        lines.add("gate 00000000000000f1 /nowhere/gate");
        lines.add("group 00000000000000f1 " + first.main() + " " + first.mainStart());
        end(second, null);
        assertThat(first.alive()).isEmpty();
        assertThat(second.alive()).isEmpty();
      }
    }
  }
}
