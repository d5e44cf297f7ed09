# bounded.sh COMMAND...: runs it only where the limit around everything is in force.
. "$(dirname "$0")/lib.sh" "$(dirname "$0")"
slice=$(sed -nE 's/^[0-9]+:(|.*pids.*):\/((system|user)\.slice)\/.*/\2/p' /proc/self/cgroup)
[ -n "$slice" ] && [ "$(cat "$(pids_root)/$slice/pids.max")" = $outer_tasks ] || {
  echo "bounded: not below $outer_tasks tasks: $(tr '\n' ' ' </proc/self/cgroup)" >&2
  exit 97
}
exec "$@"
