package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A folder with the shim, and in place of the launcher of Java a script that says how it was
 * called; and a place for a gateway, which is the test. Needs root, whose place can be put into a
 * mount namespace.
 */
final class ShimWorld implements AutoCloseable {
  /**
   * Prints its arguments, its signals, and what its descriptors are. As the private server of a
   * shim it tells the ignored and blocked signals that it was told, as the lines of a result; where
   * the file "opens" is there, it has descriptor 7 opened for the report before.
   */
  private static final String JAVA =
      """
      #!/usr/bin/perl
      if ("@ARGV" =~ /^gateway private/) {
        open my $hello, '<&=', 3 or die;
        open my $answer, '>&=', 4 or die;
        # Neither end of the pipe blocks.
        use Fcntl;
        fcntl $hello, F_SETFL, 0 or die;
        my $status = 42;
        my $got = '';
        while (length $got < 25) { sysread $hello, $got, 25 - length $got, length $got or die; }
        if (-e 'opens') {
          sysread $hello, my $rest, unpack('V', $got) - 21;
          syswrite $answer, pack('V C V a* x', 10, 67, 4, 'fd:7') or die;
          sysread $hello, my $opened, 9;
          $status = unpack 'x5 V', $opened;
        }
        my $lines = 'private ' . unpack('H*', substr $got, 9, 16) . "\\n";
        syswrite $answer,
          pack('V C C V V a* x V x', 16 + length $lines, 71, 0, $status, length $lines, $lines, 0);
        exit 0;
      }
      print "java @ARGV\\n";
      open my $status, '<', '/proc/self/status' or die;
      print grep { /^Sig(Blk|Ign)/ } <$status>;
      close $status;
      print map { readlink . "\\n" } grep { -l } glob '/proc/self/fd/*';
      exit 42;
      """;

  private static final List<String> EXEC = List.of("exec", "--");
  private static final String MOUNT = "mount --bind \"$0\" /run && exec \"$@\"";

  private final Path directory;
  private final Path guard;
  private final ServerSocketChannel server;

  private ShimWorld(Path directory, Path guard, ServerSocketChannel server) {
    this.directory = directory;
    this.guard = guard;
    this.server = server;
  }

  /** Makes it, with a gateway that listens. */
  static ShimWorld in(Path directory) {
    try {
      Path bin = Files.createDirectories(directory.resolve("home/bin"));
      Path lib = Files.createDirectory(directory.resolve("home/lib"));
      GuardProcess.program(lib.resolve("guard-java"), JAVA);
      Path guard =
          Files.copy(GuardProcess.GUARD, bin.resolve("guard"), StandardCopyOption.COPY_ATTRIBUTES);
      Path run =
          Files.createDirectories(
              directory.resolve("run/guard"),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      Files.createDirectory(directory.resolve("work"));
      ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      server.bind(UnixDomainSocketAddress.of(run.resolve("gateway-1")));
      server.configureBlocking(false);
      return new ShimWorld(directory, guard, server);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Proves that a shim was served by a server of its own. */
  static void assertPrivate(Finished f) {
    assertThat(f.errors()).startsWith("private ");
    assertThat(f.exit()).isEqualTo(42);
  }

  /** The directory that holds the socket. */
  Path place() {
    return directory.resolve("run/guard");
  }

  Path launcher() {
    return directory.resolve("home/lib/guard-java");
  }

  /** A file of the command's directory. */
  Path work(String file) {
    return directory.resolve("work").resolve(file);
  }

  String guard() {
    return guard.toString();
  }

  /** Calls {@code guard exec -- COMMAND}, by way of the words before. */
  GuardProcess exec(List<String> through, String... command) {
    List<String> words = new ArrayList<>(EXEC);
    words.addAll(List.of(command));
    return call(through, words);
  }

  GuardProcess exec(String... command) {
    return exec(List.of(), command);
  }

  /** Calls guard with these words, by way of others. */
  GuardProcess call(List<String> through, List<String> words) {
    GuardProcess process =
        GuardProcess.program(guard, words).in(directory.resolve("work")).without("GUARD_GATEWAY");
    process.through(through.toArray(String[]::new));
    return process.through("unshare", "-m", "sh", "-c", MOUNT, directory.resolve("run").toString());
  }

  /** A grant for what {@link #exec} calls. */
  static WireGrant grant() {
    return new WireGrant(EXEC.size() + 1);
  }

  /** The next shim that connects. */
  ShimDialogue accept() {
    AtomicReference<SocketChannel> accepted = new AtomicReference<>();
    Polling.until(
        "a shim connects",
        () -> {
          accepted.set(server.accept());
          return accepted.get() != null;
        });
    return new ShimDialogue(accepted.get());
  }

  /** Fails when a shim has connected. */
  void assertNobodyConnects() throws IOException {
    assertThat(server.accept()).isNull();
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
