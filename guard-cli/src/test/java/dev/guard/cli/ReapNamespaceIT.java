package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Calls {@code guard reap} in a namespace of processes of its own, as in a container: processes
 * that nobody looks after come to the first process there, as they do on a host. Needs root.
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
          + " echo \"its guard lives: $(listed)\"; kill -STOP $guard; kill -9 $lifeline; kill -9 $guard;"
          + " echo \"nobody's: $(listed)\"; echo \"before: $(marked)\";"
          + " \"$GUARD\" reap | grep $id; echo \"after: $(marked), $(listed)\"; rm -rf $store";

  private static final String OTHER_RUN =
      "under() { unshare -m --propagation private sh -c 'mount --bind other /run/guard && exec \"$@\"' sh \"$@\"; };"
          + " listed() { \"$GUARD\" reap --dry-run | grep -c \"$1\"; };"
          + " namespace=$(readlink /proc/self/ns/pid | tr -dc 0-9); records=other/$namespace/commands;"
          + " pid() { sed -n 's/.*\"'$2'\":{\"pid\":\\([0-9]*\\).*/\\1/p' $records/$1.*.json; };"
          + " mkdir -m 700 other;"
          + " kept=$(under \"$GUARD\" exec -d --leftovers keep -- sh -c 'setsid sleep 301 & exit 0');"
          + " alone=$(under \"$GUARD\" exec -d -- sleep 300);"
          + " until grep -q '\"left\"' $records/$kept.*.json; do sleep 0.02; done;"
          + " kill -9 $(pid $kept lifeline) $(pid $alone guard);"
          + " echo \"kept: $(listed $kept), with its lifeline: $(listed $alone)\"; kill -9 $(pid $alone lifeline);"
          + " echo \"kept: $(listed $kept), without: $(listed $alone)\"; \"$GUARD\" reap >/dev/null;"
          + " alive() { grep -lz \"^GUARD_ID=$kept\\$\" /proc/[0-9]*/environ 2>/dev/null | wc -l; };"
          + " \"$GUARD\" rm $kept 2>/dev/null; echo \"after rm: $(alive)\";"
          + " \"$GUARD\" stop --grace 1 $kept; echo \"stop says $?, and leaves $(alive)\";"
          + " rm -rf /run/guard/$namespace; echo $kept >kept; echo $alone >alone";

  @TempDir private Path directory;

  private GuardProcess inNamespace(String script) {
    return GuardProcess.script(
            "exec unshare -m --propagation private -pf --mount-proc sh -c \"$1\"", script)
        .in(directory);
  }

  @Test
  void aCgroupWithoutARecordIsEndedUnlessItsGuardLives() {
    Finished f = inNamespace(INSIDE).run();
    String id = MachineRemains.text(directory.resolve("id")).strip();
    assertThat(f.lines())
        .as(f.errors())
        .containsExactly(
            "owned: 0",
            "its guard lives: 0",
            "nobody's: 1",
            "before: 2",
            "ends command " + id + ": a cgroup without a record, 2 processes",
            "after: 0, 0");
    assertThat(MachineRemains.cgroups(id)).isEmpty();
  }

  /** What is in its cgroup has no record where it is looked for. */
  @Test
  void whatIsLookedAfterUnderAnotherRunIsNobodysOnlyWhenThatHasDied() {
    Finished f = inNamespace(OTHER_RUN).run();
    assertThat(f.lines())
        .as(f.errors())
        .containsExactly(
            "kept: 0, with its lifeline: 0",
            "kept: 0, without: 1",
            "after rm: 1",
            "stop says 0, and leaves 0");
    assertThat(MachineRemains.cgroups(MachineRemains.text(directory.resolve("alone")).strip()))
        .isEmpty();
    assertThat(MachineRemains.cgroups(MachineRemains.text(directory.resolve("kept")).strip()))
        .isEmpty();
  }

  /** Where the clock is another, no process has the start time that its record has. */
  @Test
  void commandsOutsideOfItsClockLiveOn() {
    Detached running = Detached.start("--", "sleep", "300");
    Detached unattended = Detached.start("--", "sleep", "300");
    Detached.kill(unattended.guard());
    Finished f =
        GuardProcess.script(
                "shifted() { unshare -T --boottime 100000 --monotonic 100000 \"$GUARD\" \"$@\"; };"
                    + " shifted exec -- true && shifted reap --dry-run")
            .run();
    assertThat(f.exit()).as(f.errors()).isZero();
    assertThat(f.output()).doesNotContain(running.id(), unattended.id());
    assertThat(running.state()).isEqualTo("running");
    assertThat(unattended.state()).isEqualTo("unattended");
    assertThat(Store.recordFile(unattended.id())).isPresent();
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
