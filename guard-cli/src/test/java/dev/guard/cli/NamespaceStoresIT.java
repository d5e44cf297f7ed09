package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs guards in namespaces of processes that have one runtime directory, as the sandboxes of an
 * agent: each counts by itself, says so, and leaves nothing for ever.
 */
@ExtendWith(NothingLeft.class)
@Needs("unshare")
class NamespaceStoresIT {
  private static final String RECEIPT =
      " receipt() { sed 's/.*\"name\":\"'$2'\",\"state\":\"\\([a-z]*\\)\",\"limit\":\"[0-9]*\","
          + "\"detail\":\"\\([^;\"]*\\).*/\\1: \\2/' $1; };"
          + " other() { unshare -pf --mount-proc \"$@\"; };";

  @TempDir private Path directory;

  /** In a /run/guard of its own, which a namespace beside it has too. */
  private Finished run(String script) {
    return GuardProcess.script(
            "exec unshare -m --propagation private -pf --mount-proc sh -c"
                + " 'mkdir -p /run/guard; mount -t tmpfs -o mode=700 none /run/guard; eval \"$0\"'"
                + " \"$1\"",
            RECEIPT + script)
        .with("GUARD_BUDGET", "x")
        .with("HOME", directory.toString())
        .with("XDG_STATE_HOME", directory.toString())
        .in(directory)
        .run();
  }

  @Test
  void whatCountsOneNamespaceAloneSaysSo() {
    Finished f =
        run(
            " other \"$GUARD\" exec --report r1 -- true; receipt r1 registry; receipt r1 rate_limit;"
                + " other sh -c '\"$GUARD\" exec --report r2 -- true; :'; receipt r2 registry;"
                + " other sh -c 'mount -t tmpfs none /run; exec \"$GUARD\" exec"
                + " --report r3 -- true'; receipt r3 registry; receipt r3 rate_limit;"
                + " other \"$GUARD\" exec --require registry -- touch ran; echo $?");
    String partial = "degraded: counts only the commands of this pid namespace";
    assertThat(f.lines())
        .as(f.errors())
        .containsExactly(
            partial, partial, partial, "active: budget x", "active: starts per second", "125");
    assertThat(directory.resolve("ran")).doesNotExist();
  }

  /** A command that lives there has a guard, which no pid can tell from outside. */
  @Test
  void theStoreOfANamespaceGoesWhenNoGuardLivesThere() {
    Finished f =
        run(
            " mkfifo up; stores() { ls -d /run/guard/[0-9]* | grep -v /$here$ | wc -l; };"
                + " here=$(readlink /proc/self/ns/pid | tr -dc 0-9);"
                + " unshare -pf --mount-proc \"$GUARD\" exec -- sh -c 'echo up >up; exec sleep 300' &"
                + " namespace=$!; read line <up; other \"$GUARD\" exec -- true; stores;"
                + " \"$GUARD\" ps -a >/dev/null; echo \"ps: $(stores)\";"
                + " \"$GUARD\" exec --report here -- true; receipt here registry;"
                + " kill -9 $(pgrep -P $namespace); wait $namespace 2>/dev/null;"
                + " \"$GUARD\" doctor leaks | grep -c 'of a namespace in which no guard lives';"
                + " \"$GUARD\" reap --dry-run | grep -c '^would remove /run/guard/'; stores;"
                + " \"$GUARD\" reap | grep -c '^removes /run/guard/'; echo \"reap: $(stores)\"");
    assertThat(f.lines())
        .as(f.errors())
        .containsExactly(
            "2",
            "ps: 1",
            "degraded: counts only the commands of this pid namespace, and guards live in another",
            "1",
            "1",
            "1",
            "1",
            "reap: 0");
  }
}
