#!/bin/bash
# suite-detach.sh SHARE: detached commands under systemd, on pure cgroup v2: they outlive the service that started them.
. "$1/lib.sh"
. "$1/environments.sh"
cell=/tmp/cell
out=$cell/out
install -d -m 777 "$cell"

as_root() { "$@"; }
as_vmu() { manager_of vmu env HOME=/home/vmu "$@"; }
state_of() { "$as" "$guard" ps --json | tr -d ' \n' | sed -n "s/.*\"id\":\"$1\",\"name\":[^,]*,\"budget\":[^,]*,\"state\":\"\([a-z]*\)\".*/\1/p"; }
cgroup_of() { find /sys/fs/cgroup -name "cmd_$1" -prune; }
processes_of() { find "$(cgroup_of "$1")" -name cgroup.procs -exec cat {} + | wc -l; }
gone() { [ -z "$(cgroup_of "$1")" ] && nothing_marked "$2"; }

# A tree that is hard to find: an inner process group, a daemon in a session of its own without its environment, a pid namespace.
cat >"$cell/tree.sh" <<'END'
set -m
sleep "$1" &
env -i setsid sh -c "sleep $1 & exit" 
unshare -Urpf sleep "$1" &
wait
END
cat >"$cell/agent.sh" <<END
count=\$(cat $cell/count-\$1 2>/dev/null || echo 0)
echo \$((count + 1)) >$cell/count-\$1
$guard exec --detach --name \$1-\$count --timeout 0 -- sh $cell/tree.sh 4\$2\$count >$cell/id-\$1-\$count 2>$cell/err-\$1-\$count
touch $cell/started-\$1-\$count
exec sleep 100000
END
chmod -R a+rX "$cell"

outlives() { # outlives NAME NUMBER RESTART...: the service NAME has been started; the words restart it
  local name=$1 number=$2 id
  shift 2
  check "$name: the detached command is started" await test -e "$cell/started-$name-0"
  id=$(cat "$cell/id-$name-0")
  check "$name: nothing is said about a missing scope" silent "$cell/err-$name-0"
  check "$name: it runs" test "$(state_of "$id")" = running
  check "$name: it is in a scope of its own" grep -q '/guard-[0-9a-f]*[.]scope/guard/cmd_' <<<"$(cgroup_of "$id")"
  check "$name: it has a limit of tasks" test "$(cat "$(cgroup_of "$id")/pids.max")" = 1024
  check "$name: the service is restarted" "$@"
  check "$name: the second command is started" await test -e "$cell/started-$name-1"
  check "$name: the first one runs on" test "$(state_of "$id")" = running
  check "$name: with all its processes" test "$(processes_of "$id")" -ge 4
  check "$name: stop" "$as" "$guard" stop --grace 0.5 "$id"
  check "$name: nothing is left of it" await gone "$id" "4${number}0"
  check "$name: the second one runs on" test "$(state_of "$(cat "$cell/id-$name-1")")" = running
  check "$name: rm -f by name" "$as" "$guard" rm -f "$name-1"
  check "$name: nothing is left of that" await gone "$(cat "$cell/id-$name-1")" "4${number}1"
}

check "a limit of $outer_tasks tasks is around everything, read back" set_outer_limit || exit 1
[ "$failed" = 0 ] || exit 1

echo "-- a service of the system's, as root"
as=as_root
systemd-run -q --unit=agent-root sh "$cell/agent.sh" root 1
outlives root 1 systemctl restart agent-root
systemctl stop agent-root

echo "-- a service of the system's, as a user"
as=as_vmu
systemd-run -q --unit=agent-vmu -p User=vmu sh "$cell/agent.sh" vmu 2
outlives vmu 2 systemctl restart agent-vmu
systemctl stop agent-vmu

echo "-- a service of the user's own manager"
as_vmu systemd-run --user -q --unit=agent-own sh "$cell/agent.sh" own 3
outlives own 3 as_vmu systemctl --user restart agent-own
as_vmu systemctl --user stop agent-own

echo "-- a login that has ended"
env_login vmu "$guard" exec --detach --name login --timeout 0 -- sh "$cell/tree.sh" 440 >"$out" 2>&1
id=$(cat "$out")
check "login: it runs on" test "$(state_of "$id")" = running
check "login: with all its processes" test "$(processes_of "$id")" -ge 4
check "login: stop by the beginning of the id" as_vmu "$guard" stop --grace 0 "${id:0:8}"
check "login: nothing is left of it" await gone "$id" 440

echo "-- a guard that was killed"
for round in 1 2 3 4 5; do
  id=$(as_vmu "$guard" exec --detach --timeout 0 -- sh "$cell/tree.sh" 450 2>/dev/null)
  kill -9 "$(as_vmu "$guard" ps --json | tr -d ' \n' | sed -n "s/.*\"id\":\"$id\".*\"guard_pid\":\([0-9]*\).*/\1/p")"
  check "round $round: it goes on without its guard" await test "$(state_of "$id")" = unattended
  [ $((round % 2)) = 0 ] && end=(rm -f) || end=(stop --grace 0)
  check "round $round: ${end[*]}" as_vmu "$guard" "${end[@]}" "$id"
  check "round $round: nothing is left" await gone "$id" 450
done

echo "-- no manager"
as=as_root
env_read_only root sh -c "'$guard' exec --detach --name alone --timeout 0 -- sleep 460; '$guard' stop alone; echo stopped \$?" >"$out" 2>&1
check "without a manager: one line says what that means" says '^guard: detached without a scope of its own .*will die with the service'
check "without a manager: it can be stopped" says '^stopped 0'
says '^stopped 0' || cat "$out"
check "without a manager: nothing is left" nothing_marked 460

echo "-- the timer"
check "a timer of the system's is installed" "$guard" reap --install-timer
check "it is active" systemctl -q is-active guard-reap.timer
check "what it runs succeeds" systemctl start guard-reap.service
check "again" "$guard" reap --install-timer
check "a timer of the user's is installed" as_vmu "$guard" reap --install-timer --user
check "it is active" as_vmu systemctl --user -q is-active guard-reap.timer
check "what it runs succeeds" as_vmu systemctl --user start guard-reap.service
check "a user can not have the system's" test "$(as_vmu "$guard" reap --install-timer 2>&1)" = \
  "guard: --install-timer: only root can have it for the system; add --user"
check "no command and no scope is left" test -z "$(commands_left; scopes_left)"
finish
