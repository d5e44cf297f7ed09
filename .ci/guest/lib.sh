# Shared by the suites that run inside a guest. $1: the folder with guard and these files.
guard=$1/guard/bin/guard
passed=0 failed=0

check() { # check NAME COMMAND...: the command succeeds
  local name=$1
  shift
  if "$@"; then
    passed=$((passed + 1))
    echo "ok    $name"
  else
    failed=$((failed + 1))
    echo "FAIL  $name"
  fi
}

finish() {
  echo "$passed passed, $failed failed"
  [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}

# alone COMMAND...: runs it as the only process of a service whose cgroup is delegated to it
alone() {
  timeout 120 systemd-run --wait --pipe --collect -q -p Delegate=yes -p TasksMax=infinity -E "JAVA_HOME=$JAVA_HOME" "$@"
}

no_commands_left() { [ -z "$(find /sys/fs/cgroup -name 'cmd_*' -print -quit)" ]; }

nothing_marked() { # nothing_marked TEXT: no process has this argument
  ! grep -lqs -- "$1" /proc/[0-9]*/cmdline 2>/dev/null
}
