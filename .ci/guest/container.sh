# container.sh DIRECTORY COMMAND...: runs it as process 1 of new pid, mount, ipc and cgroup namespaces. The cgroup that it sees
# as the root is its own, as a container engine makes it; the processes that keep it are beside it.
directory=$1
shift
here=/sys/fs/cgroup$(cut -d: -f3 /proc/self/cgroup)
mkdir "$here/engine" "$here/container"
echo 0 >"$here/engine/cgroup.procs"
echo '+pids +memory +cpu' >"$here/cgroup.subtree_control"
[ "$(id -u)" = 0 ] && rootless= || rootless='--user --map-root-user'
unshare $rootless --pid --mount --ipc --fork sh -c '
  echo 0 >"$0/cgroup.procs"
  exec unshare --cgroup sh -c '\''
    mount -t tmpfs tmpfs /sys/fs/cgroup
    mount -t cgroup2 cgroup2 /sys/fs/cgroup && mount -t proc proc /proc && exec "$@"'\'' sh "$@"' "$here/container" "$@"
code=$?
sh "$(dirname "$0")/looks-after.sh" "$directory"
exit $code
