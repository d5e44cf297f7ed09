# bounded.sh COMMAND...: runs it only where the limit around everything is in force.
. "$(dirname "$0")/lib.sh" "$(dirname "$0")"
membership=$(grep -E '^[0-9]+:([^:]*,)?pids(,[^:]*)?:' /proc/self/cgroup || grep '^0::' /proc/self/cgroup)
slice=$(echo "$membership" | sed -nE 's/^[^:]*:[^:]*:\/((system|user)\.slice)\/.*/\1/p')
[ -n "$slice" ] && [ "$(cat "$(pids_root)/$slice/pids.max")" = $outer_tasks ] || {
  echo "bounded: not below $outer_tasks tasks: $membership" >&2
  exit 97
}
exec "$@"
