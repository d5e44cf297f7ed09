# The environments of the matrix: env_NAME USER COMMAND... runs a command in it. USER is root or vmu, the guest's uid 1000.
# A command that is "alone" is the only process of its cgroup. No environment hides what a command left: systemd kills none of
# it (KillMode=process), and looks-after.sh looks while the cgroup is still there.

unit() { # unit DIRECTORY OPTION... COMMAND...: a service of the system's manager
  local directory=$1
  shift
  timeout "${patience:-120}" systemd-run --wait --pipe --collect -q -p KillMode=process -p TasksMax=infinity \
    -p "ExecStopPost=/bin/sh $share/looks-after.sh $directory" "$@"
}

manager_of() { # manager_of USER COMMAND...: with the address of the user's own manager
  local user=$1
  shift
  runuser -u "$user" -- env "XDG_RUNTIME_DIR=/run/user/$(id -u "$user")" "$@"
}

env_service() { # alone in a service with Delegate=yes
  local user=$1
  shift
  unit "$cell" -p "User=$user" -p Delegate=yes sh "$share/bounded.sh" "$@"
}

env_login() { # a session, with the shell that the user typed the command in
  local user=$1
  shift
  timeout "${patience:-120}" systemd-run --wait --pipe --collect -q -p "User=$user" -p PAMName=login \
    sh "$share/in-session.sh" sh "$share/bounded.sh" sh "$share/beside.sh" "$cell" "$@"
}

env_user_run() { # alone in a service of the user's own manager
  local user=$1
  shift
  manager_of "$user" timeout "${patience:-120}" systemd-run --user --wait --pipe --collect -q -p KillMode=process \
    -p "ExecStopPost=/bin/sh $share/looks-after.sh $cell" sh "$share/bounded.sh" "$@"
}

env_user_run_delegate() { # the same with Delegate=yes
  local user=$1
  shift
  manager_of "$user" timeout "${patience:-120}" systemd-run --user --wait --pipe --collect -q -p KillMode=process -p Delegate=yes \
    -p "ExecStopPost=/bin/sh $share/looks-after.sh $cell" sh "$share/bounded.sh" "$@"
}

env_cron() { # an almost empty environment, in the cgroup of the daemon that started it
  local user=$1
  shift
  unit "$cell" -p "User=$user" sh "$share/bounded.sh" sh "$share/beside.sh" "$cell" \
    env -i PATH=/usr/bin:/bin HOME=/tmp "$@"
}

env_container() { # process 1 of a container with a cgroup of its own; for vmu without root on the host
  local user=$1
  shift
  unit "$cell" -p "User=$user" -p Delegate=yes sh "$share/bounded.sh" sh "$share/container.sh" "$cell" "$@"
}

env_read_only() { # a sandbox: cgroups can be read and not written, and no manager can be reached
  local user=$1
  shift
  unit "$cell" unshare -m sh "$share/sandbox.sh" "$cell" "$user" "$@"
}

# The library is loaded by the file that the linker reads, since guard's own server has no variable of the caller's that changes programs;
# of the others it has those that begin with XDG_.
env_no_children() { # the same on a kernel that does not list children
  local user=$1
  shift
  install -m 666 /dev/null "$cell/no-children"
  echo "$share/no-children.so" >"$cell/preload"
  touch /etc/ld.so.preload
  unit "$cell" unshare -m sh -c 'mount --bind "$1" /etc/ld.so.preload; shift; exec "$@"' sh "$cell/preload" \
    sh "$share/sandbox.sh" "$cell" "$user" env "XDG_NO_CHILDREN_LOG=$cell/no-children" "$@"
}
