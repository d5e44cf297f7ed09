# sandbox.sh DIRECTORY USER COMMAND...: in a new mount namespace; cgroups are read-only, the sockets of managers are not there.
directory=$1
user=$2
shift 2
share=$(dirname "$0")
mount -o remount,bind,ro /sys/fs/cgroup || exit 96
mount -t tmpfs -o mode=755 tmpfs /run || exit 96
exec sh "$share/bounded.sh" sh "$share/beside.sh" "$directory" setpriv --reuid "$user" --regid "$user" --clear-groups "$@"
