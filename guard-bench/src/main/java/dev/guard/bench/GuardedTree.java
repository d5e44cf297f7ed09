package dev.guard.bench;

import dev.guard.command.CommandHandle;
import dev.guard.command.CommandRunner;
import dev.guard.config.ConfigException;
import dev.guard.config.GuardConfig;
import dev.guard.config.Setting;
import dev.guard.os.Cgroupfs;
import dev.guard.value.CommandInput;
import dev.guard.value.CommandOutput;
import dev.guard.value.Request;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A shell with many sleeping children: a guarded command, so that its cgroup bounds it and all of
 * it is ended with the command, with the lifeline's help also when this JVM is killed.
 */
final class GuardedTree implements AutoCloseable {
  private static final String SCRIPT =
      "i=0; while [ $i -lt $0 ]; do sleep 3600 & i=$((i + 1)); done; echo $$; wait";

  private static final int SPARE_TASKS = 16;

  private final Cgroupfs cgroups = Cgroupfs.system();
  private final CommandRunner guard;
  private final CommandHandle command;
  private final List<Path> directories;
  private final int root;

  private GuardedTree(CommandRunner guard, CommandHandle command, int root) throws IOException {
    this.guard = guard;
    this.command = command;
    this.root = root;
    Path name = Path.of("cmd_" + command.id());
    this.directories =
        cgroups.subtree(Path.of("/sys/fs/cgroup")).stream().filter(d -> d.endsWith(name)).toList();
  }

  /** Starts it and returns when all of it is there. */
  static GuardedTree start(int processes) throws IOException {
    CommandRunner guard = CommandRunner.with(settings(processes));
    PipedOutputStream out = new PipedOutputStream();
    BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(new PipedInputStream(out), StandardCharsets.US_ASCII));
    CommandHandle command =
        guard.start(
            Request.of("sh", "-c", SCRIPT, Integer.toString(processes))
                .withInput(new CommandInput.Empty())
                .withOutput(new CommandOutput.Stream(out), new CommandOutput.Inherit()));
    command.result().thenAccept(result -> closed(out));
    String pid = lines.readLine();
    if (pid == null) {
      throw new IOException("the tree was not started: " + command.result().join().outcome());
    }
    return new GuardedTree(guard, command, Integer.parseInt(pid));
  }

  private static GuardConfig settings(int processes) {
    String max = Integer.toString(processes + SPARE_TASKS);
    try {
      return GuardConfig.defaultsWith(
          Map.of(Setting.PIDS_MAX, max, Setting.REQUIRE, "pids", Setting.TIMEOUT, "3600"));
    } catch (ConfigException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static void closed(PipedOutputStream out) {
    try {
      out.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The shell. */
  int root() {
    return root;
  }

  /** How many processes the command's cgroup holds, the shell included. */
  int cgroupMembers() throws IOException {
    Set<Integer> members = new TreeSet<>();
    for (Path directory : directories) {
      for (Path cgroup : cgroups.subtree(directory)) {
        members.addAll(cgroups.processes(cgroup));
      }
    }
    return members.size();
  }

  @Override
  public void close() throws IOException {
    command.cancel();
    command.result().join();
    guard.close();
  }
}
