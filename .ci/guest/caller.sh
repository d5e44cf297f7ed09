# caller.sh GUARD ATTACK CELL NAME: three commands of one caller, through the gateway or not at all. What they are, and how they
# end, is in CELL/NAME.*: where the first one is and its limit; the second is a fork bomb; the third ends at its timeout.
guard=$1 attack=$2 to=$3/$4
exec_by_gateway() { "$guard" exec --gateway require --rate-limit 0 --pids-max 64 "$@"; }
exec_by_gateway --report "$to.report" -- sh -c 'cat /proc/self/cgroup; cat "/sys/fs/cgroup$(cut -d: -f3 /proc/self/cgroup)/pids.max"' >"$to.out" 2>&1
exec_by_gateway --report "$to.bomb" --timeout 30 -- "$attack" fork-bomb 400 >>"$to.out" 2>&1
exec_by_gateway --report "$to.timeout" --timeout 0.5 --kill-after 0.2 -- sh -c 'trap "" TERM; setsid sleep 621 & sleep 622; sleep 623' >>"$to.out" 2>&1
echo "status $?" >>"$to.out"
