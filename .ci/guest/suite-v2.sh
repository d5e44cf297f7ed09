#!/bin/bash
# suite-v2.sh SHARE: what the matrix does not show, on pure cgroup v2 under systemd, with swap.
. "$1/lib.sh"
. "$1/environments.sh"
cell=/tmp/cell
report=$cell/report
out=$cell/out
install -d -m 777 "$cell"
alone() { rm -f "$report"; env_service root "$guard" exec --report "$report" "$@" >"$out" 2>&1; }
beside() { rm -f "$report"; "$guard" exec --report "$report" "$@" >"$out" 2>&1; }
own_cgroup='$(cut -d: -f3 /proc/self/cgroup)'

check "a limit of $outer_tasks tasks is around everything, read back" set_outer_limit || exit 1
[ "$failed" = 0 ] || exit 1

echo "-- receipts"
alone --pids-max 64 --memory-max 64M --cpu-max 0.5 -- \
  sh -c "cat /proc/self/cgroup; cd /sys/fs/cgroup$own_cgroup; cat pids.max memory.max memory.swap.max cpu.max
    cd ..; cat pids.max memory.max memory.swap.max cpu.max"
check "a delegated service: the command ran in a cgroup of its own below" says '/system.slice/run-.*\.service/guard/cmd_[0-9a-f]*/'
check "the command itself reads the limits that were asked for, where its /proc/self/cgroup leads and above" \
  test "$(tail -n +2 "$out" | tr '\n' ' ')" = "64 67108864 0 50000 100000 64 67108864 0 50000 100000 "
check "the receipt says so" test "$(layer pids) $(layer memory) $(layer cpu)" = "active active active"
rm -f "$report"
systemd-run --wait --pipe --collect -q -p MemoryMax=300M -p TasksMax=400 "$guard" exec --report "$report" --pids-max 500 -- true >"$out" 2>&1
check "a cap of the unit around it is in the receipt of a layer that is off" \
  grep -q '^turned off in the settings; bound from above by /sys/fs/cgroup/system.slice/run-.*: memory.max 314572800$' <<<"$(layer memory | grep -x off >/dev/null && detail memory)"
check "and of one whose own limit is wider" grep -q '; bound from above by /sys/fs/cgroup/system.slice/run-.*: pids.max 400$' <<<"$(detail pids)"
env_service root unshare -m sh -c "mount -t tmpfs tmpfs /run; echo 0 >/sys/fs/cgroup$own_cgroup/cgroup.max.descendants && exec \"\$@\"" sh \
  "$guard" exec --report "$report" -- true >"$out" 2>&1
check "no cgroup may be made: the command runs all the same" grep -q '"code":0,' "$report"
check "no cgroup may be made: the receipt says that tasks are not limited" test "$(layer pids)" = degraded
env_read_only root "$guard" exec --require pids -- touch /tmp/ran >"$out" 2>&1
check "read-only cgroups: a required layer refuses" test $? -eq 125
check "read-only cgroups: nothing was run" test ! -e /tmp/ran
env_read_only root "$guard" exec -- true >"$out" 2>&1
check "read-only cgroups: the command runs all the same" test $? -eq 0
check "read-only cgroups: nothing is said where no limit was asked for by name" test ! -s "$out"
env_read_only root "$guard" exec --memory-max 64M -- true >"$out" 2>&1
check "read-only cgroups: a limit that was asked for and is not in force: one line on stderr" \
  test "$(grep -c '^guard: .*memory' "$out") $(wc -l <"$out")" = "1 1"
beside -- true
check "beside other processes: our cgroup stays a domain" grep -qx domain "/sys/fs/cgroup$(cut -d: -f3 /proc/self/cgroup)/cgroup.type"
check "beside other processes: tasks are limited" test "$(layer pids)" = active

echo "-- memory"
fallocate -l 300M /swap && chmod 600 /swap && mkswap -q /swap && swapon /swap
check "there is swap" test "$(wc -l </proc/swaps)" -eq 2
rm -f "$cell/neighbour"
"$guard" exec --report "$cell/neighbour" --memory-max 64M --timeout 60 -- sh -c 'while [ ! -e /tmp/cell/stop ]; do sleep 0.2; done' &
neighbour=$!
await pgrep -f 'while \[ ! -e /tmp/cell/stop' >/dev/null
beside --memory-max 64M --timeout 20 -- sh -c "'$attack' sleep & '$attack' memory 200"
check "a memory hog: cause memory" test "$(field cause)" = memory
check "a memory hog: the kernel killed it, and its tree is gone" test "$(field oom_kills)" -ge 1 -a -z "$(attacks_left)"
check "a memory hog: swap is no way round" test "$(awk 'NR == 2 { print $4 }' /proc/swaps)" -lt 20000
touch "$cell/stop"
wait $neighbour
check "a memory hog: guard's neighbour lives, and ends as it likes" grep -q '"code":0,"signal":null,"cause":"exited"' "$cell/neighbour"
beside --memory-max 64M --memory-oom process --timeout 20 -- sh -c "'$attack' memory 200; exit 0"
check "a memory hog alone: the kernel killed it, and the rest went on" \
  test "$(field cause) $(field oom_kills)" = "exited 1"
beside --memory-max 1G --timeout 3 --kill-after 0 -- "$attack" memory 200
check "the same under a limit that is wide enough goes on to its deadline" test "$(field cause)" = timeout
swapoff /swap

echo "-- open files"
limits='ulimit -Sn; ulimit -Hn'
beside --open-files 256 -- sh -c "$limits; setsid sh -c '(sh -c \"$limits\")'; tmux -L fd new-session -d '($limits) >$cell/tmux; tmux -L fd wait -S read'; tmux -L fd wait read; tmux -L fd kill-server 2>/dev/null"
# Beside what guard says of a tmux server that takes its time to end.
check "soft = hard = 256 in the main process and in a grandchild" test "$(grep -x '[0-9]*' "$out" | tr '\n' ' ')" = "256 256 256 256 "
check "soft = hard = 256 in what tmux starts" test "$(tr '\n' ' ' <"$cell/tmux")" = "256 256 "

echo "-- cpu"
share_of() { sed -n 's/cpu \([0-9.]*\) of \([0-9.]*\) s/\1 \2/p' "$out" | awk '{ printf "%d", 100 * $1 / $2 }'; }
beside -- "$attack" cpu 2 3 1000
free=$(share_of)
beside --cpu-max 0.5 -- "$attack" cpu 2 3 1000
half=$(share_of)
check "a command under --cpu-max 0.5 gets about half of a core ($half %, without it $free %)" test "$half" -ge 20 -a "$half" -le 70 -a "$half" -lt "$free"

echo "-- guard in guard"
rm -f "$cell/inner"
beside --pids-max 200 --timeout 20 -- "$guard" exec --report "$cell/inner" --pids-max 100 -- \
  sh -c "cat /proc/self/cgroup; cat /sys/fs/cgroup$own_cgroup/../pids.max"
check "the inner command is below the outer one, under its own limit" says '/guard/cmd_[0-9a-f]*/guard/cmd_[0-9a-f]*'
check "its limit is what was asked for" says '^100$'
check "the inner receipt says pids is active" test "$(report=$cell/inner layer pids)" = active
beside --timeout 3 --kill-after 0 --pids-max 500 -- "$guard" exec --pids-max 100 -- "$attack" stubborn
check "the outer deadline ends both" test "$(field cause)" = timeout
check "nothing is left of either" test -z "$(attacks_left; commands_left)"
beside --pids-max 120 --timeout 20 --kill-after 0 -- "$guard" exec --pids-max 1000 -- "$attack" fork-bomb 400
check "the outer limit holds for the inner command" says '^fork refused'
check "and the outer command never had more tasks" test "$(field peak_pids)" -le 120
check "nothing is left of either, again" test -z "$(attacks_left; commands_left; scopes_left)"
rm -f "$cell/inner" "$report"
env_login vmu "$guard" exec --report "$report" --pids-max 200 --timeout 60 -- \
  "$guard" exec --report "$cell/inner" -- true >"$out" 2>&1
check "a user's inner guard stays in the outer one's scope, and says so" \
  grep -q "inside command $(field id), which counts this one too" "$cell/inner"
check "with a limit of its own" test "$(report=$cell/inner layer pids)" = active

echo "-- drift, as a user in a login session"
# Ends when it is back: in a cgroup of the command, below the scope.
back='until grep -q "/guard-.*scope/guard/cmd_" /proc/self/cgroup; do sleep 0.1; done'
drift() { # drift NAME SCRIPT: a process of the command leaves
  rm -f "$report"
  env_login vmu "$guard" exec --report "$report" --timeout 60 -- sh -c "$2" >"$out" 2>&1
  check "$1: it is brought back" test "$(field cause) $(field code)" = "exited 0"
  check "$1: the report says so" grep -q '"action":"returned"' "$report"
}
# In a file: systemd-run replaces what follows a dollar sign.
cat >"$cell/leave.sh" <<END
elsewhere=/sys/fs/cgroup/user.slice/user-\$(id -u).slice/user@\$(id -u).service/elsewhere
mkdir \$elsewhere && sh -c 'echo \$\$ >\$0/cgroup.procs || exit 9; $back' \$elsewhere
code=\$?
rmdir \$elsewhere
exit \$code
END
drift "who writes himself into another cgroup" "sh $cell/leave.sh"
drift "whom a service manager moves" "systemd-run --user --scope --quiet --collect sh -c '$back'"
rm -f "$report"
env_login vmu "$guard" exec --report "$report" --drift kill --timeout 60 -- \
  sh -c "systemd-run --user --scope --quiet --collect sleep 100 & wait" >"$out" 2>&1
check "with --drift kill it is killed" grep -q '"action":"killed"' "$report"
check "nothing is left of them" test -z "$(commands_left; scopes_left)"

echo "-- a manager that has taken the order for a scope, and does not come to it"
user_units=/run/systemd/user
mkdir -p "$user_units/guard-.scope.d"
printf '[Service]\nType=oneshot\nExecStart=/bin/sh -c "until [ -e %s/come ]; do sleep 0.2; done"\n' "$cell" >"$user_units/held.service"
printf '[Unit]\nRequires=held.service\nAfter=held.service\n' >"$user_units/guard-.scope.d/held.conf"
of_vmu() { (cd /home/vmu && exec setpriv --reuid vmu --regid vmu --init-groups env HOME=/home/vmu XDG_RUNTIME_DIR=/run/user/1000 "$@"); }
of_vmu systemctl --user daemon-reload
no_jobs() { of_vmu systemctl --user list-jobs | grep -q '^No jobs'; }
waits_for_scope() { pgrep -u vmu -x systemd-run >"$cell/waits"; }
zombie_left() { grep -q '^State:.Z' "/proc/$(cat "$cell/waits")/status"; }
of_vmu "$guard" exec --report "$report" -- true >"$out" 2>&1 &
command=$!
check "systemd-run waits for the scope" await waits_for_scope
asks=$(ps -o ppid= -p "$(cat "$cell/waits")" | tr -d ' ')
# The shim, which would give up a server that is stopped.
shim=$(ps -o ppid= -p "$asks" | tr -d ' ')
kill -STOP "$shim" "$asks"
kill -KILL "$(cat "$cell/waits")"
check "it is killed, and guard has not seen that yet" await zombie_left
touch "$cell/come"
check "the manager makes the scope all the same, with nobody in it" await no_jobs
kill -CONT "$asks" "$shim"
wait $command
check "the command runs, and the report says which limits it has not, and why" \
  grep -q 'no scope instead: /usr/bin/systemd-run: no answer' <<<"$(detail pids)"
check "the scope that nobody is in is not left: $(scopes_left)" test -z "$(scopes_left)"

rm "$cell/come"
rm -f "$report"
of_vmu "$guard" exec --report "$report" -- true >"$out" 2>&1 &
command=$!
of_vmu "$guard" exec --detach -- true >"$cell/detached" 2>&1 &
detached=$!
of_vmu "$guard" session start slow -- sleep 1000 >"$cell/session" 2>&1 &
session=$!
wait $command
check "in vain for long: the command runs all the same" test $? -eq 0
check "and says so, though nobody asked for a limit by name" says '^guard: pids limit [0-9]* is not in force: .*no answer'
check "its report says why it lacks limits" grep -q 'no scope instead: /usr/bin/systemd-run: no answer' <<<"$(detail pids)"
wait $detached
check "so does a detached command, and guard says what it lacks" grep -q '(systemd did not move process [0-9]* to guard-[0-9a-f]*[.]scope in time)' "$cell/detached"
wait $session
check "and a session" grep -q 'no scope of its own (.*systemd-run gave no answer' "$cell/session"
of_vmu "$guard" session stop slow >"$cell/session" 2>&1
touch "$cell/come"
check "the manager comes to what is still wanted from it" await no_jobs
check "that was none of them, no scope is left: $(scopes_left)" test -z "$(scopes_left)"
finish
