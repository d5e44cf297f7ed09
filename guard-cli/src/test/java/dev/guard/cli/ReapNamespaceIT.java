package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code guard reap} in a namespace of processes of its own, as in a container: what nobody looks
 * after comes to the first process there, as it does on a host. Needs root.
 */
@ExtendWith({NothingLeft.class, Detached.Removed.class})
@Needs("unshare")
class ReapNamespaceIT {
  private static final String INSIDE =
      "store=/run/guard/$(readlink /proc/self/ns/pid | tr -dc 0-9);"
          + " listed() { \"$GUARD\" reap --dry-run | grep -c \"$id\"; };"
          + " marked() { cat /proc/[0-9]*/environ | tr '\\0' '\\n' | grep -c \"^GUARD_ID=$id\"; };"
          + " \"$GUARD\" exec -- sh -c"
          + " 'setsid sleep 301 & echo $GUARD_ID >new; mv new id; exec sleep 300' &"
          + " guard=$!; until [ -e id ]; do sleep 0.02; done; id=$(cat id);"
          + " echo \"owned: $(listed)\"; record=$(echo $store/commands/$id.*.json);"
          + " lifeline=$(sed 's/.*\"lifeline\":{\"pid\":\\([0-9]*\\).*/\\1/' $record); rm $record;"
          + " echo \"its guard lives: $(listed)\"; kill -9 $guard $lifeline;"
          + " echo \"nobody's: $(listed)\"; echo \"before: $(marked)\";"
          + " \"$GUARD\" reap | grep $id; echo \"after: $(marked), $(listed)\"; rm -rf $store";

  @TempDir private Path directory;

  private GuardProcess inNamespace(String script) {
    return GuardProcess.script(
            "exec unshare -m --propagation private -pf --mount-proc sh -c \"$1\"", script)
        .in(directory);
  }

  @Test
  void aCgroupWithoutARecordIsEndedUnlessItsGuardLives() {
    Finished f = inNamespace(INSIDE).run();
    String id = Remains.text(directory.resolve("id")).strip();
    assertThat(f.lines())
        .as(f.errors())
        .containsExactly(
            "owned: 0",
            "its guard lives: 0",
            "nobody's: 1",
            "before: 2",
            "ends command " + id + ": a cgroup without a record, 2 processes",
            "after: 0, 0");
    assertThat(Remains.cgroups(id)).isEmpty();
  }

  /** A dry run: one that finds them would end what others run on this machine. */
  @Test
  void commandsOutsideOfItAreNotFound() {
    Detached d = Detached.start("--", "sleep", "300");
    Finished f = inNamespace("\"$GUARD\" reap --dry-run").run();
    assertThat(f.exit()).isZero();
    assertThat(f.output()).doesNotContain(d.id());
    Finished kill = inNamespace("\"$GUARD\" kill " + d.id()).run();
    assertThat(kill.exit()).isEqualTo(125);
    assertThat(kill.errors()).contains("cmd_" + d.id() + " can not be removed, it stays busy");
    assertThat(Store.lives(d.main())).isTrue();
  }
}
