package dev.guard.launch;

import dev.guard.os.DescriptorCalls;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.OsString;
import dev.guard.os.SpawnSpec.Descriptor;
import dev.guard.store.CommandLog;
import dev.guard.value.CommandInput;
import dev.guard.value.CommandOutput;
import dev.guard.value.Request;
import dev.guard.value.Result.Captured;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * Holds the command's standard input, output and error: whose descriptors they are, and the threads
 * that move the bytes.
 */
public final class StandardStreams implements AutoCloseable {
  private static final OsString NULL = OsString.of("/dev/null");

  private static final int NEW_FILE_MODE = 0666;

  private final Os os;
  private final Optional<CommandLog> log;
  private final List<Descriptor> ofChild = new ArrayList<>();
  private final List<Integer> openForChild = new ArrayList<>();
  private Optional<Feeder> feeder = Optional.empty();
  private final List<Optional<Drain>> drains = new ArrayList<>();
  private boolean logs;

  private StandardStreams(Os os, Optional<CommandLog> log) {
    this.os = os;
    this.log = log;
  }

  /**
   * Opens the streams that the request needs.
   *
   * @param log the log that takes the output of a detached command
   */
  public static StandardStreams open(Os os, Request request, Optional<CommandLog> log)
      throws IOException {
    StandardStreams streams = new StandardStreams(os, log);
    try {
      streams.input(request.input());
      streams.output(1, request.output());
      streams.output(2, request.error());
      return streams;
    } catch (IOException | RuntimeException | Error e) {
      streams.close();
      throw e;
    }
  }

  private void input(CommandInput input) throws OsException {
    if (input instanceof CommandInput.Inherit) {
      ofChild.add(new Descriptor(0, 0));
    } else if (input instanceof CommandInput.Bytes bytes) {
      int[] pipe = os.pipe();
      give(pipe[0], 0);
      feeder = Optional.of(new Feeder(os, pipe[1], bytes.bytes()));
    } else if (input instanceof CommandInput.Empty) {
      give(os.open(NULL, DescriptorCalls.Open.READ, 0), 0);
    } else if (input instanceof CommandInput.File file) {
      give(os.open(file.path(), DescriptorCalls.Open.READ, 0), 0);
    }
  }

  private void output(int fd, CommandOutput output) throws OsException {
    if (output instanceof CommandOutput.Inherit) {
      ofChild.add(new Descriptor(fd, fd));
      drains.add(Optional.empty());
    } else if (output instanceof CommandOutput.Closed) {
      drains.add(Optional.empty());
    } else if (output instanceof CommandOutput.Discard) {
      give(os.open(NULL, DescriptorCalls.Open.WRITE, 0), fd);
      drains.add(Optional.empty());
    } else if (output instanceof CommandOutput.File file) {
      int how = file.append() ? DescriptorCalls.Open.APPEND : DescriptorCalls.Open.TRUNCATE;
      give(
          os.open(
              file.path(),
              DescriptorCalls.Open.WRITE | DescriptorCalls.Open.CREATE | how,
              NEW_FILE_MODE),
          fd);
      drains.add(Optional.empty());
    } else if (output instanceof CommandOutput.Log) {
      log(fd);
    } else {
      int[] pipe = os.pipe();
      give(pipe[1], fd);
      drain(pipe[0], output, name(fd));
    }
  }

  private static String name(int fd) {
    return fd == 1 ? "standard output" : "standard error";
  }

  /** Sends an output to the log; both outputs share one pipe, so that their order stays. */
  private void log(int fd) throws OsException {
    CommandLog to =
        log.orElseThrow(() -> new IllegalArgumentException("only a detached command has a log"));
    boolean isFirst = !logs;
    logs = true;
    if (isFirst && to.writingEnd() >= 0) {
      openForChild.add(to.writingEnd());
    }
    if (to.writingEnd() >= 0) {
      ofChild.add(new Descriptor(to.writingEnd(), fd));
    }
    if (isFirst) {
      drain(to.readingEnd(), new CommandOutput.Stream(to), "the log");
    } else {
      drains.add(Optional.empty());
    }
  }

  private void drain(int from, CommandOutput output, String name) throws OsException {
    int[] stop;
    try {
      stop = os.pipe();
    } catch (OsException | RuntimeException | Error e) {
      os.close(from);
      throw e;
    }
    drains.add(Optional.of(new Drain(os, from, stop, output, name)));
  }

  private void give(int descriptor, int to) {
    openForChild.add(descriptor);
    ofChild.add(new Descriptor(descriptor, to));
  }

  List<Descriptor> ofChild() {
    return ofChild;
  }

  /**
   * Closes this side's copies of the command's ends, now that it runs, and starts to move bytes.
   */
  public void start(String id) throws OsException {
    closeChildsEnds();
    feeder.ifPresent(f -> f.start("guard-input-" + id));
    for (Optional<Drain> drain : drains) {
      drain.ifPresent(d -> d.start("guard-output-" + id));
    }
  }

  private void closeChildsEnds() throws OsException {
    while (!openForChild.isEmpty()) {
      os.close(openForChild.remove(openForChild.size() - 1));
    }
  }

  /**
   * Takes what the pipes still hold and stops, also when a leftover has them open. By now the
   * command's tree has ended, or the rest of it is kept.
   */
  public List<Captured> finish() throws IOException {
    List<Captured> captured = new ArrayList<>();
    for (Optional<Drain> drain : drains) {
      captured.add(drain.isPresent() ? drain.get().finish() : Captured.NONE);
    }
    return captured;
  }

  /** Answers a line for each thing that went wrong with output, once it has finished. */
  public List<String> problems() {
    return drains.stream().flatMap(Optional::stream).map(Drain::problem).toList();
  }

  /** Closes all streams, also when that fails for one of them. */
  @Override
  public void close() throws IOException {
    try {
      closeChildsEnds();
    } finally {
      try {
        feeder.ifPresent(Feeder::close);
      } finally {
        close(drains.iterator());
      }
    }
  }

  private static void close(Iterator<Optional<Drain>> drains) throws IOException {
    while (drains.hasNext()) {
      Optional<Drain> drain = drains.next();
      try {
        if (drain.isPresent()) {
          drain.get().close();
        }
      } finally {
        close(drains);
      }
    }
  }
}
