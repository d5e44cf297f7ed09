# in-session.sh COMMAND...: runs it only where this is a login session.
grep -q '/session-.*[.]scope$' /proc/self/cgroup || {
  echo "in-session: not in a session: $(cat /proc/self/cgroup)" >&2
  exit 96
}
exec "$@"
