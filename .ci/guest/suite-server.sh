#!/bin/bash
# suite-server.sh SHARE: the files of config/systemd, installed as docs/server.md says, for the system and for a user.
. "$1/lib.sh"
. "$1/environments.sh"
cell=/tmp/cell
out=$cell/out
install -d -m 777 "$cell"
guard=/opt/guard/bin/guard
units=/home/vmu/.config/systemd/user

as_root() { "$@"; }
as_vmu() { runuser -u vmu -- env -i PATH="$PATH" HOME=/home/vmu LANG=C.UTF-8 XDG_RUNTIME_DIR=/run/user/1000 "$@"; }
control() { if [ "$as" = as_root ]; then systemctl "$@"; else as_vmu systemctl --user "$@"; fi; }
logged() { if [ "$as" = as_root ]; then journalctl -q -u "$1"; else journalctl -q _SYSTEMD_USER_UNIT="$1.service"; fi; }
fails() { ! "$@" 2>/dev/null; }
near() { [ "$1" -ge $(($2 * 99 / 100)) ] && [ "$1" -le $(($2 * 101 / 100)) ]; }
lowest() { sort -n "$@" | head -1; }
session_process() { pgrep -u vmu -xf 'sleep 700'; }
runs_once() { [ "$(session_process | wc -l)" = 1 ]; }
drifted() { pgrep -f "$1" >/dev/null; }

looked_after() { # looked_after NAME: the timers of $as run, and what they start does what it is for
  local name=$1 number=${#1}
  for unit in guard-reap guard-canary; do
    check "$name: $unit.timer is enabled" control -q is-enabled "$unit.timer"
    check "$name: it is active" control -q is-active "$unit.timer"
    check "$name: $unit.service succeeds" control start "$unit.service"
  done
  check "$name: the units run the guard that was installed" test -z "$(control cat 'guard-*' guard.slice 2>&1 | grep /opt/guard/bin/guard | grep -v '^ExecStart="/opt/guard/bin/guard" ')"
  echo "   $name: a command with a /tmp of its own"
  systemd-run -q --unit="drift$number" -p PrivateTmp=yes -p User="${as#as_}" -p WorkingDirectory=/ -E HOME=/tmp \
    "$guard" exec --timeout 0 -- sleep "71$number"
  check "$name: it runs" await drifted "^sleep 71$number"
  check "$name: the canary fails" fails control start guard-canary.service
  check "$name: the journal names the directive" await logs "$name" guard-canary 'PrivateTmp='
  systemctl stop "drift$number"
  check "$name: without it the canary passes" control start guard-canary.service
}
logs() { logged "$2" | grep -q "$3"; }

check "a limit of $outer_tasks tasks is around everything, read back" set_outer_limit || exit 1
[ "$failed" = 0 ] || exit 1
cp -r "$share/guard" /opt/guard
check "an archive is made for the folder" /opt/guard/lib/make-archive "$JAVA_HOME"

echo "-- for the system"
as=as_root
check "a user can not install for the system" test "$(as_vmu /opt/guard/config/systemd/install 2>&1)" = \
  "install: only root can install for the system; add --user"
check "install" /opt/guard/config/systemd/install
looked_after root
check "every user's manager has the controllers delegated" grep -q '^Delegate=cpu memory pids' <(systemctl cat user@1000.service)

echo "-- for a user"
as=as_vmu
as_vmu /opt/guard/config/systemd/install --user >"$out" 2>&1
check "install --user" test $? = 0
check "nothing is said of lingering, which is on" fails says lingering
looked_after vmu

echo "-- sessions after every boot"
as_vmu mkdir -p /home/vmu/work
sed 's/-- claude/-- sleep 700/; s/--memory-max 8G/--memory-max 512M/' /opt/guard/config/systemd/agents.service >"$units/agents.service"
as_vmu systemctl --user daemon-reload
check "agents.service is started" as_vmu systemctl --user enable --now agents.service
check "its session runs" await runs_once
check "in a directory of its own" test "$(readlink "/proc/$(session_process)/cwd")" = /home/vmu/work
first=$(session_process)
check "it is restarted" as_vmu systemctl --user restart agents.service
check "and the session is the same" test "$(session_process)" = "$first"
slice=/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/guard.slice
memory=$(($(awk '/^MemTotal:/ { print $2 }' /proc/meminfo) * 1024))
check "the slice has the memory that its file says" near "$(cat "$slice/memory.max")" $((memory * 85 / 100))
check "and the tasks" near "$(cat "$slice/pids.max")" $(($(lowest /proc/sys/kernel/pid_max /proc/sys/kernel/threads-max) * 75 / 100))
check "the session is stopped" as_vmu "$guard" session stop --grace 0.5 claude
check "started again by the service" as_vmu systemctl --user restart agents.service
check "it runs" await runs_once
check "and is another" test "$(session_process)" != "$first"
check "its end" as_vmu "$guard" session stop --grace 0.5 claude
check "nothing is left" test -z "$(commands_left; scopes_left; session_process)"
finish
