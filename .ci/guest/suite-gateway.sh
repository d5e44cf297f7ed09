#!/bin/bash
# suite-gateway.sh SHARE: a gateway as a service on pure cgroup v2, and callers in services and sessions.
. "$1/lib.sh"
. "$1/environments.sh"
cell=/tmp/cell
report=$cell/report
out=$cell/out
install -d -m 777 "$cell"
rm -f /etc/guard/config.toml
own_cgroup='$(cut -d: -f3 /proc/self/cgroup)'
gateway() { systemctl show -P MainPID "$1" 2>/dev/null; }
served() { [ "$(detail lifeline)" = "process $(gateway guard-gateway)" ]; } # the receipt names who ends the tree
listens() { "$guard" gateway status >"$out" 2>&1; }
not_listening() { ! listens; }

check "a limit of $outer_tasks tasks is around everything, read back" set_outer_limit || exit 1
[ "$failed" = 0 ] || exit 1
systemd-run --quiet --unit guard-gateway -p User=root "$guard" gateway run
check "the gateway listens" await listens
check "its name is not java" test "$(ps -o comm= -p "$(gateway guard-gateway)")" = guard-gateway

echo "-- a service of root"
env_service root "$guard" exec --report "$report" --pids-max 64 --memory-max 64M -- \
  sh -c "cat /proc/self/cgroup; cd /sys/fs/cgroup$own_cgroup; cat pids.max memory.max" >"$out" 2>&1
check "is served" served
check "its command is in a cgroup below its own, not the gateway's" says '^0::/system.slice/run-.*\.service/guard/cmd_[0-9a-f]*/'
check "with the limits that were asked for" test "$(tail -n +2 "$out" | tr '\n' ' ')" = "64 67108864 "
check "the receipt says so" test "$(layer pids) $(layer memory)" = "active active"
env_service root "$guard" exec --report "$report" --pids-max 64 --timeout 60 -- "$attack" fork-bomb 400 >"$out" 2>&1
check "a fork bomb is ended for its pids, or ends" grep -q '^\(pids\|exited\)$' <<<"$(field cause)"
check "is served, too" served
env_service root "$guard" exec --report "$report" --memory-max 64M --timeout 60 -- "$attack" memory 200 >"$out" 2>&1
check "what needs more memory than it may ends for that" test "$(field cause)" = memory
check "nothing is left" test -z "$(attacks_left; commands_left)"

echo "-- a service of root without delegation"
systemd-run --wait --pipe --collect -q -p User=root -p TasksMax=400 "$guard" exec --report "$report" --pids-max 500 -- true >"$out" 2>&1
check "is left to guard itself, which needs a scope for the limit" test "$(detail lifeline)" != "process $(gateway guard-gateway)"
check "and bound from above" grep -q '; bound from above by /sys/fs/cgroup/system.slice/run-.*: pids.max 400$' <<<"$(detail pids)"

echo "-- a user without root, who has no gateway yet"
rm -f "$report"
env_login vmu "$guard" exec --report "$report" --pids-max 64 -- true >"$out" 2>&1
check "is not served by root's" test "$(detail lifeline)" != "process $(gateway guard-gateway)"
check "and has his limit" test "$(layer pids)" = active
check "and hears of nothing" silent "$out"
check "has none started, since it could not make the scope that he needs" test ! -s /run/user/1000/guard/gateway.start

echo "-- his gateway, started by hand"
env_login vmu "$guard" gateway start
user_gateway() { manager_of vmu systemctl --user show -P MainPID guard-gateway-1; }
user_is_alone() { ! user_listens; }
user_listens() { manager_of vmu "$guard" gateway status >"$out" 2>&1; }
check "listens" await user_listens
check "in his runtime directory" says "^process $(user_gateway) listens at /run/user/1000/guard/gateway-1\$"
check "is a unit of his manager, and says so" says '^unit: guard-gateway-1.service$'
check "outlives the session, which has ended" grep -q '/user@1000.service/.*guard-gateway-1.service$' "/proc/$(user_gateway)/cgroup"
check "has its log" grep -q "^guard: process $(user_gateway) listens" "$(sed -n 's/^log: //p' "$out")"
check "has the umask of its own" grep -q '^Umask:.0077$' "/proc/$(user_gateway)/status"
rm -f "$report"
env_user_run_delegate vmu "$guard" exec --report "$report" --pids-max 64 -- true >"$out" 2>&1
check "leaves his delegated services to guard itself: systemd 252 does not say that they are" test "$(detail lifeline)" != "process $(user_gateway)"
check "with a limit" test "$(layer pids)" = active
rm -f "$report"
env_user_run vmu "$guard" exec --report "$report" --gateway require -- touch "$cell/ran" >"$out" 2>&1
check "who requires it is refused there, and told" says '^guard: gateway.mode is require, and the gateway does not serve this call: '
check "and nothing runs" test ! -e "$cell/ran"
rm -f "$report"
env_login vmu "$guard" exec --report "$report" --pids-max 64 -- true >"$out" 2>&1
check "leaves a session, which needs a scope, to guard itself" test "$(detail lifeline)" != "process $(user_gateway)"
check "which has its limit all the same" test "$(layer pids)" = active

manager_of vmu "$guard" gateway stop >"$out" 2>&1
check "is stopped" silent "$out"
check "and listens no more" user_is_alone
env_login vmu "$guard" gateway start >"$out" 2>&1
check "is started by hand from a session" user_listens
manager_of vmu "$guard" gateway stop

echo "-- the gateway is killed"
env_service root "$guard" exec --timeout 20 --kill-after 0.2 -- sh -c 'trap "" TERM; setsid sleep 611 & sleep 612; sleep 613' >"$out" 2>&1 &
command=$!
runs() { pgrep -f 'sleep 612' >/dev/null; }
check "a command runs" await runs
systemctl kill -s KILL guard-gateway
result=0
wait "$command" || result=$?
check "is ended at its timeout all the same" test "$result" = 124
check "with all that it has started" await nothing_marked 'sleep.61[123]'
check "and its cgroup is removed" await no_commands_left

echo "-- root's, by the system's manager"
systemctl stop guard-gateway
rm -f /run/guard/gateway.start
for sandbox in ProtectHome=yes NoNewPrivileges=yes CapabilityBoundingSet=~CAP_SYS_NICE; do
  result=0
  env_service root sh -c "systemd-run --wait --pipe --collect -q -p $sandbox $guard gateway start" >"$out" 2>&1 || result=$?
  check "none is started from a service with $sandbox" test "$result" = 125
  check "which is told why" says '^guard: .*this '
  check "and none listens" not_listening
done
rm -f "$report"
env_service root "$guard" exec --report "$report" --pids-max 64 -- true
check "a command that is alone in its delegated cgroup keeps its place" grep -q '^v2, .*/system.slice/run-.*\.service/guard/cmd_' <<<"$(detail pids)"
check "and has none started, which would be in its way" test ! -s /run/guard/gateway.start
env_service root sh -c "$guard exec -- true; :"
check "a command beside a shell, which needs a scope, has none started either" test ! -s /run/guard/gateway.start
env_service root "$guard" gateway start
check "one is started by hand" listens
check "as a unit of the system" says '^unit: guard-gateway-1.service$'
check "which is in the system's slice" grep -q ':/system.slice/guard-gateway-1.service$' "/proc/$(gateway guard-gateway-1)/cgroup"
rm -f "$report"
env_service root env -u HOME "$guard" exec --report "$report" -- true
check "and serves the next" test "$(detail lifeline)" = "process $(gateway guard-gateway-1)"
"$guard" gateway stop
finish
