package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Runs guard with kernels, filters and C libraries that lack something, and a /proc that is not the
 * whole one of this process: guard runs, or says in one line what to do. Needs root.
 */
@ExtendWith({NothingLeft.class, Detached.Removed.class})
@Needs({"cc", "unshare", "mount", "perl"})
class OldHostIT {
  private static final String PIDFD_OPEN = "434";
  private static final String PIDFD_SEND_SIGNAL = "424";
  private static final String FACCESSAT2 = "439";
  private static final String ENOSYS = "38";
  private static final String EPERM = "1";

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(strings = {ENOSYS, EPERM})
  void withoutPidfdsACommandRunsAndItsTreeIsEndedOnTime(String errno) throws Exception {
    String refuse = TestProgram.compile(directory, "refuse-call").toString();
    String tree = "trap '' TERM; setsid sleep 600 & echo runs; sleep 600";
    Finished f =
        GuardProcess.exec("--timeout=0.5", "--kill-after=0.1", "--", "sh", "-c", tree)
            .through(refuse, PIDFD_OPEN, errno, refuse, PIDFD_SEND_SIGNAL, errno)
            .run();
    assertThat(f.output()).as(f.errors()).isEqualTo("runs\n");
    assertThat(f.exit()).isEqualTo(124);
    NothingLeft.awaitNoProcess();
  }

  /** A filter that knows no faccessat2(2) says EPERM, which glibc passes on. */
  @Test
  void withoutFaccessat2AProgramIsFound() throws Exception {
    String refuse = TestProgram.compile(directory, "refuse-call").toString();
    Finished f =
        GuardProcess.exec("--directory", "/usr", "--", "pwd")
            .through(refuse, FACCESSAT2, EPERM)
            .run();
    assertThat(f.output()).as(f.errors()).isEqualTo("/usr\n");
  }

  @Test
  void withAnOldCLibraryACommandHasItsDirectoryAndNoMoreDescriptors() throws Exception {
    Path library = TestProgram.compile(directory, "old-libc", "-shared", "-fPIC");
    String list =
        "pwd; perl -e 'opendir D, \"/proc/self/fd\"; print join(\" \", sort grep /\\d/, readdir D)'";
    Finished f =
        GuardProcess.exec("--directory", "/usr", "--", "sh", "-c", list)
            .with("LD_PRELOAD", library.toString())
            .run();
    assertThat(f.errors()).isEmpty();
    // The last one is that of the list itself.
    assertThat(f.output()).isEqualTo("/usr\n0 1 2 3");
    assertThat(f.exit()).isZero();
  }

  private static Finished withProc(String mount, String words) {
    String script = "exec unshare -m --propagation private sh -c '" + mount + " && " + words + "'";
    return GuardProcess.script(script).run();
  }

  private static void assertOneLine(Finished f, String text, String remedy) {
    assertThat(f.exit()).as(f.errors()).isEqualTo(125);
    assertThat(f.output()).isEmpty();
    assertThat(f.errors()).startsWith("guard: " + text).contains(remedy).containsOnlyOnce("\n");
  }

  @Test
  void theProcOfAnOuterNamespaceIsRefused() {
    String text = "/proc is that of another namespace of processes";
    Finished ofInit = GuardProcess.exec("--", "true").through("unshare", "-pf").run();
    assertOneLine(ofInit, text, "mount -t proc proc /proc");
    // An inner number that is somebody else's outside, whose descriptors can not be looked at.
    Finished ofUser =
        GuardProcess.exec("--", "true")
            .through("setpriv", "--reuid=65534", "--clear-groups", "unshare", "-Urpf")
            .run();
    assertOneLine(ofUser, text, "mount -t proc proc /proc");
  }

  @Test
  void withoutProcNothingRuns() {
    Finished f = withProc("umount -R -l /proc", "exec \"$GUARD\" exec -- true");
    assertOneLine(f, "/proc is not mounted", "mount -t proc proc /proc");
  }

  @Test
  void whereProcHasNothingButProcessesTheReasonIsSaid() throws IOException {
    String mount = "mount -t proc -o subset=pid proc /proc";
    Finished run = withProc(mount, "exec \"$GUARD\" exec -v -- sh -c \"echo ran; exit 3\"");
    assertThat(run.output()).as(run.errors()).isEqualTo("ran\n");
    assertThat(run.exit()).isEqualTo(3);
    assertThat(run.errors())
        .containsPattern("registry +degraded .*boot_id is not there.*ProcSubset=all");
    Finished required = withProc(mount, "exec \"$GUARD\" exec --require registry -- true");
    assertThat(required.exit()).isEqualTo(125);
    Finished ps =
        withProc(mount, "exec \"$GUARD\" exec -d -- true 2>&1 >/dev/null | grep boot_id >&2");
    assertThat(ps.errors())
        .startsWith("guard: /proc/sys/kernel/random/boot_id is not there")
        .contains("subset=pid", "ProcSubset=all");
  }
}
