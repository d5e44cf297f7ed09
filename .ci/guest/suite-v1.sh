# cgroup v1 alone, root.
. "$1/lib.sh"
report=$(mktemp)
"$guard" exec --report "$report" --pids-max 64 --timeout 3 -- sh -c 'f() { f | f & }; f; sleep 60' >/dev/null 2>&1
check "fork bomb: ended at its timeout" test $? -eq 124
check "fork bomb: the pids layer was active" grep -q '"name":"pids","state":"active"' "$report"
check "fork bomb: the kernel refused forks" grep -q '"forks_refused":[1-9]' "$report"
check "fork bomb: no survivors" grep -q '"survivors":\[\]' "$report"
check "fork bomb: no cgroup is left" no_commands_left
"$guard" exec --timeout 1 --kill-after 1 -- sh -c 'trap "" TERM; setsid sleep 987654 & sleep 987654' >/dev/null 2>&1
check "TERM ignored and setsid: timeout" test $? -eq 124
check "TERM ignored and setsid: nothing is left" nothing_marked 987654
finish
