# Pure cgroup v2, root.
. "$1/lib.sh"
out=$(mktemp)
report=$(mktemp)

says() { grep -q -- "$1" "$out"; }
layer() { grep -q "\"name\":\"$1\",\"state\":\"$2\"" "$report"; }

alone "$guard" exec --report "$report" --pids-max 64 -- \
  sh -c 'cat /proc/self/cgroup "/sys/fs/cgroup$(cut -d: -f3 /proc/self/cgroup)/pids.max"' >"$out" 2>&1
check "alone in a delegated service: the command ran" test $? -eq 0
check "it is in a cgroup of its own below the service's" says '/system.slice/run-.*\.service/guard/cmd_[0-9a-f]*$'
check "pids.max is what was asked for, read by the command" says '^64$'
check "the receipt says so" layer pids active
check "no cgroup is left" no_commands_left

alone "$guard" exec --report "$report" --pids-max 64 --timeout 3 -- sh -c 'f() { f | f & }; f; sleep 60' >"$out" 2>&1
check "fork bomb: ended at its timeout" test $? -eq 124
check "fork bomb: the kernel refused forks" grep -q '"forks_refused":[1-9]' "$report"
check "fork bomb: no survivors" grep -q '"survivors":\[\]' "$report"
check "fork bomb: no cgroup is left" no_commands_left

alone sh -c 'echo 0 >"/sys/fs/cgroup$(cut -d: -f3 /proc/self/cgroup)/cgroup.max.descendants" && exec "$@"' sh \
  "$guard" exec --report "$report" -- true >"$out" 2>&1
check "no cgroup may be made: the command runs all the same" test $? -eq 0
check "no cgroup may be made: the receipt says that tasks are not limited" layer pids degraded

alone "$guard" exec --timeout 1 --kill-after 1 -- sh -c 'trap "" TERM; setsid sleep 987654 & sleep 987654' >"$out" 2>&1
check "TERM ignored and setsid: timeout" test $? -eq 124
check "TERM ignored and setsid: nothing is left" nothing_marked 987654

"$guard" exec --report "$report" -- true >"$out" 2>&1
check "beside other processes: the command runs all the same" test $? -eq 0
check "beside other processes: the receipt says that tasks are not limited" layer pids degraded
check "beside other processes: and why" grep -q 'has other processes than guard' "$report"
"$guard" exec --require pids -- touch /tmp/ran >"$out" 2>&1
check "beside other processes: a required layer refuses" test $? -eq 125
check "beside other processes: nothing was run" test ! -e /tmp/ran
check "beside other processes: our cgroup stays a domain" \
  grep -qx domain "/sys/fs/cgroup$(cut -d: -f3 /proc/self/cgroup)/cgroup.type"
check "beside other processes: no cgroup is left" no_commands_left
finish
