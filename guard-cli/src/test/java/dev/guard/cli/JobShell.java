package dev.guard.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * A program that stands for a shell with job control: it leads a session with a terminal of its
 * own, runs the words that follow its own as a job in the foreground, types keys, and says what
 * becomes of the job. It has its files in a directory. Needs perl.
 */
record JobShell(Path directory) {
  private static final String PROGRAM =
      """
      use POSIX qw(:sys_wait_h setsid setpgid tcsetpgrp sigprocmask SIG_SETMASK _exit);
      use IO::Handle;
      my ($in, $options, @words) = @ARGV;
      open my $seen, '>', "$in/seen" or die; $seen->autoflush;
      setsid; $SIG{TTOU} = $SIG{HUP} = 'IGNORE';
      sigprocmask(SIG_SETMASK, POSIX::SigSet->new);
      # TIOCSPTLCK, TIOCGPTN
      open my $keys, '+<', '/dev/ptmx' or die;
      my $number = pack 'i', 0;
      ioctl $keys, 0x40045431, $number or die;
      ioctl $keys, 0x80045430, $number or die;
      open my $tty, '+<', '/dev/pts/' . unpack 'i', $number or die;
      sub front { tcsetpgrp fileno $tty, shift or die }
      my $job = fork;
      if (!$job) {
        setpgid 0, 0; front $$; $SIG{TTOU} = $SIG{HUP} = 'DEFAULT';
        open STDIN, '<&', $tty or die if $options =~ /i/;
        open STDOUT, '>&', $tty or die if $options =~ /o/;
        if ($options =~ /p/) { pipe my $from, my $to; open STDOUT, '>&', $to or die }
        exec @words or _exit 99;
      }
      sub note { print $seen "@_\\n" }
      note 'job', $job;
      my $before = 'R';
      for (;;) {
        my $ready = ''; vec($ready, fileno $keys, 1) = 1;
        if (select $ready, undef, undef, 0.005) { sysread $keys, my $shown, 4096 }
        open my $stat, '<', "/proc/$job/stat" or die;
        my $state = <$stat> =~ /\\) T / ? 'T' : 'R';
        if ($state eq 'T' && $before eq 'R') { front $$; note 'stopped' }
        $before = $state;
        if (waitpid($job, WNOHANG) > 0) {
          front $$;
          note WIFEXITED($?) ? ('exited', WEXITSTATUS($?)) : ('killed', WTERMSIG($?));
          last;
        }
        open my $do, '<', "$in/do" or next;
        my ($what, $keys_typed) = split ' ', <$do>;
        syswrite $keys, pack 'H*', $keys_typed if $what eq 'type';
        front $job if $what eq 'fg';
        kill 'CONT', -$job if $what =~ /g$/;
        unlink "$in/do";
      }
      """;

  /** Makes one. */
  static JobShell in(Path directory) {
    try {
      return new JobShell(Files.createDirectory(directory.resolve("terminal")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The words that go before those of the job.
   *
   * @param options i: its input is the terminal; o: its output; p: that is a pipe
   */
  List<String> words(String options) {
    return List.of("perl", "-e", PROGRAM, directory.toString(), options);
  }

  /** Types a key, given by its byte. */
  void type(int key) {
    order("type %02x".formatted(key));
  }

  /** Brings the job to the foreground, and continues it. */
  void foreground() {
    order("fg");
  }

  /** Continues the job in the background. */
  void background() {
    order("bg");
  }

  private void order(String what) {
    try {
      Path written = Files.writeString(directory.resolve("order"), what + "\n");
      Files.move(written, directory.resolve("do"), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Polling.until(what + " is done", () -> !Files.exists(directory.resolve("do")));
  }

  /** The process that was called as the job. */
  int job() {
    awaitSaid("job ");
    return Integer.parseInt(seen().get(0).substring("job ".length()));
  }

  /** Waits until it has said this of the job. */
  void awaitSaid(String line) {
    Polling.until(line, () -> seen().stream().anyMatch(l -> l.startsWith(line)));
  }

  private List<String> seen() {
    return MachineRemains.text(directory.resolve("seen")).lines().toList();
  }

  /** The group in the foreground of a process's terminal. */
  static int front(int pid) {
    return field(pid, 5);
  }

  /** The group of a process. */
  static int group(int pid) {
    return field(pid, 2);
  }

  /** Waits until a process is stopped. */
  static void awaitStopped(int pid) {
    Polling.until(pid + " is stopped", () -> stat(pid)[0].equals("T"));
  }

  private static int field(int pid, int index) {
    return Integer.parseInt(stat(pid)[index]);
  }

  private static String[] stat(int pid) {
    String stat = MachineRemains.text(Path.of("/proc/" + pid + "/stat"));
    return stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
  }
}
