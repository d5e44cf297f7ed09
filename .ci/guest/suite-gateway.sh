#!/bin/bash
# suite-gateway.sh SHARE: a gateway as a service on pure cgroup v2, and callers of every kind: services, sessions, scopes, commands.
. "$1/lib.sh"
. "$1/environments.sh"
cell=/tmp/cell
report=$cell/report
out=$cell/out
install -d -m 777 "$cell"
rm -f /etc/guard/config.toml
own_cgroup='$(cut -d: -f3 /proc/self/cgroup)'
gateway() { systemctl show -P MainPID "$1" 2>/dev/null; }
served() { [ "$(detail lifeline)" = "gateway $(gateway guard-gateway)" ]; } # the receipt names who ends the tree
listens() { "$guard" gateway status >"$out" 2>&1; }
not_listening() { ! listens; }
rm -f "$cell"/*
standing='guard-commands(-[0-9a-f]{16})?\.service'
# judge NAME GATEWAY PATTERN: what caller.sh has said; GATEWAY is a process, and the command's cgroup matches PATTERN.
judge() {
  out=$cell/$1.out report=$cell/$1.report
  check "is served" test "$(detail lifeline)" = "gateway $2"
  check "its command is there" says "^0::$3/guard/cmd_[0-9a-f]{16}/main\$"
  check "its cgroup has the limit" says '^64$'
  report=$cell/$1.bomb
  check "a fork bomb is bounded" test "$(field forks_refused)" -gt 0
  report=$cell/$1.timeout
  check "its tree is ended at the timeout" says '^status 124$'
  check "for that" test "$(field cause)" = timeout
  out=$cell/out report=$cell/report
  check "nothing is left" nothing_marked 'sleep.62[123]'
  check "no cgroup either" no_commands_left
}
calls=(sh "$share/caller.sh" "$guard" "$attack" "$cell")

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
systemd-run --wait --pipe --collect -q -p User=root -p TasksMax=infinity sh "$share/bounded.sh" "${calls[@]}" plain
judge plain "$(gateway guard-gateway)" "/system.slice/$standing"
plain=$(grep -Eo "$standing" "$cell/plain.out" | head -1)

echo "-- one with limits of its own"
systemd-run --wait --pipe --collect -q -p User=root -p TasksMax=400 -p MemoryMax=500M sh "$share/bounded.sh" "${calls[@]}" limited
judge limited "$(gateway guard-gateway)" "/system.slice/$standing"
limited=$(grep -Eo "$standing" "$cell/limited.out" | head -1)
check "has a unit of its own" test "$limited" != "$plain"
check "which has copies of its limits" test "$(cat "/sys/fs/cgroup/system.slice/$limited"/{pids,memory}.max | tr '\n' ' ')" = "400 524288000 "
report=$cell/limited.report
check "the receipt says so" grep -q "; $limited has a copy of the limit of /sys/fs/cgroup/system.slice/run-" <<<"$(detail pids)"
report=$cell/report

echo "-- one with a bound that can not be copied"
rm -f "$report"
systemd-run --wait --pipe --collect -q -p IPAddressDeny=any "$guard" exec --gateway require -- true >"$out" 2>&1
check "is not served, and is told why" says '^guard: gateway.mode is require, .*its unit has bounds that can not be copied: run-.*\.service has IPAddressDeny$'

echo "-- a login session of root"
env_login root "${calls[@]}" rootlogin
judge rootlogin "$(gateway guard-gateway)" "/user.slice/user-0.slice/$standing"

echo "-- a user without root, who has no gateway yet"
rm -f "$report"
user_gateway() { manager_of vmu systemctl --user show -P MainPID guard-gateway-1; }
user_is_alone() { ! user_listens; }
user_listens() { manager_of vmu "$guard" gateway status >"$out" 2>&1; }
env_login vmu "$guard" exec --report "$report" --pids-max 64 -- true >"$out" 2>&1
check "is not served by root's" test "$(detail lifeline)" != "gateway $(gateway guard-gateway)"
check "and has his limit" test "$(layer pids)" = active
check "and hears of nothing" silent "$out"
check "has one started beside his session" await user_listens
check "in his runtime directory" says "^process $(user_gateway) listens at /run/user/1000/guard/gateway-1\$"
check "as a unit of his manager, and says so" says '^unit: guard-gateway-1.service$'
check "which outlives the session, which has ended" grep -q '/user@1000.service/.*guard-gateway-1.service$' "/proc/$(user_gateway)/cgroup"
check "has its log" grep -q "^guard: process $(user_gateway) listens" "$(sed -n 's/^log: //p' "$out")"
check "has the umask of its own" grep -q '^Umask:.0077$' "/proc/$(user_gateway)/status"

echo "-- his login session"
users='/user.slice/user-1000.slice/user@1000.service/app.slice'
env_login vmu "${calls[@]}" login
judge login "$(user_gateway)" "$users/guard-commands.service"
holder() { manager_of vmu systemctl --user show -P MainPID guard-commands.service; }
held=$(holder)
check "one process keeps the unit, with next to no memory" test "$(cat "/proc/$held/comm") $(($(awk '/^Private/ { n += $2 } END { print n }' "/proc/$held/smaps_rollup") <= 64))" = "guard-commands 1"
env_login vmu "$guard" exec --gateway require --report "$report" --memory-max 32M --timeout 60 -- "$attack" memory 200 >"$out" 2>&1
check "what needs more memory than it may ends for that" test "$(field cause)" = memory
check "and the unit goes on" test "$(holder)" = "$held"

echo "-- a command inside a command of his session"
env_login vmu "$guard" exec --gateway require -- "${calls[@]}" nested
judge nested "$(user_gateway)" "$users/guard-commands.service/guard/cmd_[0-9a-f]{16}"

echo "-- his services and scopes"
env_user_run_delegate vmu "${calls[@]}" service
judge service "$(user_gateway)" "$users/$standing"
manager_of vmu systemd-run --user --scope --collect -q sh "$share/bounded.sh" "${calls[@]}" scope
judge scope "$(user_gateway)" "$users/$standing"

echo "-- his manager is stopped"
kill -STOP "$(systemctl show -P MainPID user@1000)"
rm -f "$report"
env_login vmu "$guard" exec --report "$report" --pids-max 64 -- touch "$cell/ran" >"$out" 2>&1 &
command=$!
has_own_server() { pgrep -u vmu -f 'guard-cli.jar gateway private' >/dev/null; }
check "a command is not held up: it has a server of its own" await has_own_server
check "and it has not run before" test ! -e "$cell/ran"
kill -CONT "$(systemctl show -P MainPID user@1000)"
wait "$command"
check "it runs" test -e "$cell/ran"
check "with its limit" test "$(layer pids)" = active
check "not by the gateway" test "$(detail lifeline)" != "gateway $(user_gateway)"

echo "-- his gateway is killed while a command runs"
user_command() { pgrep -fx 'sleep 632' >/dev/null; }
env_login vmu "$guard" exec --gateway require --timeout 4 --kill-after 0.2 -- sh -c 'trap "" TERM; setsid sleep 631 & sleep 632; sleep 633' >"$out" 2>&1 &
command=$!
check "a command runs" await user_command
kill -KILL "$(user_gateway)"
check "goes on" user_command
result=0
wait "$command" || result=$?
check "is ended at its timeout all the same" test "$result" = 124
check "with all that it has started" await nothing_marked 'sleep.63[123]'
check "and its cgroup is removed" await no_commands_left
check "the unit stays" test "$(holder)" = "$held"

echo "-- his gateway, started by hand from a session"
env_login vmu "$guard" gateway start >"$out" 2>&1
check "listens" user_listens
rm -f "$report"
env_login vmu "$guard" exec --gateway require --report "$report" --pids-max 64 -- true
check "finds the unit of the one before" test "$(holder)" = "$held"
manager_of vmu "$guard" gateway stop >"$out" 2>&1
check "is stopped" silent "$out"
check "and listens no more" user_is_alone
install -d -o vmu /home/vmu/.config/guard
printf '[gateway]\nidle_exit_seconds = 1\n' >/home/vmu/.config/guard/config.toml
env_login vmu sh -c "$guard gateway start && $guard exec --gateway require -- true"
unit_has_ended() { [ ! -e "/proc/$held" ]; }
check "ends when it has nothing to do, and the unit with it" await unit_has_ended
check "which nothing is left of" test "$(manager_of vmu systemctl --user is-active guard-commands.service)" = inactive

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
check "a command beside a shell, which needs a unit for it, has one started" await listens
check "as a unit of the system" says '^unit: guard-gateway-1.service$'
check "which is in the system's slice" grep -q ':/system.slice/guard-gateway-1.service$' "/proc/$(gateway guard-gateway-1)/cgroup"
rm -f "$report"
env_service root env -u HOME "$guard" exec --report "$report" -- true
check "and serves the next" test "$(detail lifeline)" = "gateway $(gateway guard-gateway-1)"
"$guard" gateway stop

shows() { "$@" "$guard" gateway status >"$out" 2>&1; }
has_one_command() { shows env && says '^live commands: 1$'; }
# installs PREFIX...: the units of the gateway, for whoever is called through PREFIX
installs() {
  check "the units are installed" "$@" "$guard" gateway install
  shows "$@"
  check "the manager listens" says '^socket unit: guard-gateway.socket, active$'
  check "and whoever asks how it is has none started" says '^no gateway runs; the next call starts one'
  check "the first call is served" "$@" "$guard" exec --gateway require -- true
  shows "$@"
  check "by the unit" says '^unit: guard-gateway.service$'
}
# removes FOLDER MANAGER SOCKET PREFIX...
removes() {
  local folder=$1 manager=$2 socket=$3
  shift 3
  check "it is removed" "$@" "$guard" gateway install --undo
  check "without anything left" test -z "$(ls "$folder"/guard-gateway.* "$folder"/*.wants/guard-gateway.* "$socket" 2>/dev/null; "$@" systemctl "$manager" list-units --all --plain --no-legend 'guard-gateway.*')"
}

echo "-- installed for the system's manager"
"$guard" gateway install --dry-run >"$out"
check "the units are shown" says '^would write /etc/systemd/system/guard-gateway.socket:$'
check "and nothing is done" test ! -e /etc/systemd/system/guard-gateway.socket
installs env
"$guard" exec --gateway require -- sleep 641 &
command=$!
check "a command runs" await has_one_command
systemctl restart guard-gateway.service
check "goes on when the unit is restarted, and is taken over" await has_one_command
pkill -fx 'sleep 641'
result=0
wait "$command" 2>/dev/null || result=$?
check "and its end is told" test "$result" = 143
check "it is stopped" "$guard" gateway stop
check "with its socket" test "$(systemctl is-active guard-gateway.socket)" = inactive
check "and started by hand" "$guard" gateway start
check "as the unit" test "$(systemctl is-active guard-gateway.service)" = active
removes /etc/systemd/system --system /run/guard/gateway-1 env

echo "-- installed for his own"
rm -r /home/vmu/.config
installs manager_of vmu
removes /home/vmu/.config/systemd/user --user /run/user/1000/guard/gateway-1 manager_of vmu
finish
