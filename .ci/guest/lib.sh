# Shared by the scripts that run inside a guest. $1: the folder with guard, the attacks and these files.
share=$1
guard=$share/guard/bin/guard
attack=$share/attack
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

# await COMMAND...: until it succeeds
await() { local end=$((SECONDS + 300)); until "$@"; do [ $SECONDS -lt $end ] || return 1; sleep 0.1; done; }
says() { grep -qE -- "$1" "$out"; } # says PATTERN: in the output in file $out
silent() { ! grep . "$1"; }         # silent FILE: it is empty

finish() {
  echo "$passed passed, $failed failed"
  [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}

# Fields of the report in file $report, which is one line.
field() { sed -n "s/.*\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/p" "$report"; }
layer() { sed -n "s/.*{\"name\":\"$1\",\"state\":\"\([a-z]*\)\".*/\1/p" "$report"; }
detail() { sed -n "s/.*{\"name\":\"$1\",\"state\":\"[a-z]*\",\"limit\":\"[^\"]*\",\"detail\":\"\(\([^\"\\\\]\|\\\\.\)*\)\".*/\1/p" "$report"; }
no_survivors() { grep -q '"survivors":\[\]' "$report"; }

# What a command may leave. Each prints what is there, and nothing when all is well.
commands_left() { find /sys/fs/cgroup -name 'cmd_*' -prune 2>/dev/null; }
attacks_left() { ps -C attack -o pid=,stat=,args= | grep -v '^ *[0-9]* Z'; }
scopes_left() { find /sys/fs/cgroup -name 'guard-*.scope' -prune 2>/dev/null; }

no_commands_left() { [ -z "$(commands_left)" ]; }
nothing_marked() { # nothing_marked TEXT: no process has this argument
  ! grep -lqs -- "$1" /proc/[0-9]*/cmdline 2>/dev/null
}

# Where the controller pids is.
pids_root() { if [ -d /sys/fs/cgroup/pids ]; then echo /sys/fs/cgroup/pids; else echo /sys/fs/cgroup; fi; }

# Everything here runs below system.slice or user.slice. No attack gets further than a limit on them, which is read back.
outer_tasks=3000
set_outer_limit() {
  local slice
  for slice in system.slice user.slice; do
    systemctl set-property --runtime "$slice" TasksMax=$outer_tasks
    [ "$(cat "$(pids_root)/$slice/pids.max")" = $outer_tasks ] || return 1
  done
}
