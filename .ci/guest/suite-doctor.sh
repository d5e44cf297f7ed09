#!/bin/bash
# suite-doctor.sh SHARE: what guard doctor says on pure cgroup v2 under systemd, as uid 1000 and as root, and that every script it gives
# does away with what it was given for. A line "remedy CHECK" runs one as it was printed; "gone" looks again.
. "$1/lib.sh"
. "$1/environments.sh"
cell=/tmp/cell
json=$cell/json
report=$cell/report
own=/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service
store=/run/user/1000/guard
install -d -m 777 "$cell"
await() { for _ in $(seq 300); do ! "$@" || return 0; sleep 0.1; done; return 1; }
as_root() { "$@"; }
as_vmu() { manager_of vmu env HOME=/home/vmu "$@"; }
# As from cron: nothing says where the manager is.
minimal() { setpriv --reuid 1000 --regid 1000 --init-groups env -i PATH=/usr/bin:/bin HOME=/home/vmu "JAVA_HOME=$JAVA_HOME" "$@"; }

doctor() { "$as" "$guard" doctor --json "$@" >"$json" 2>"$cell/errors" || cat "$cell/errors"; }
of() { "$share/finding" "$json" "$@"; }
is() { # is STATUS CHECK [SUBJECT]
  local got
  got=$(of "$2" "${3-}" status)
  check "$as: $2${3:+ $3} is a $1" test "${got:-missing}" = "$1"
  [ "$got" = "$1" ] || sed 's/^/      /' "$json"
}
because() { # because TEXT CHECK [SUBJECT]: the reason has it
  check "$as: $2${3:+ $3} says: $1" grep -qF -- "$1" <<<"$(of "$2" "${3-}" reason)"
}

section() { echo "-- $1 (after $SECONDS s)"; }

pending=()
remedy() { # remedy CHECK [SUBJECT [STATUS]]: runs its script; the next look shows this status, or a pass, or nothing
  local whose
  whose=$(of "$1" "${2-}" as)
  of "$1" "${2-}" script >"$cell/script"
  chmod 644 "$cell/script"
  echo "      $as: the remedy of $1${2:+ $2}, as $whose:"
  sed 's/^/        /' "$cell/script"
  case $whose in
    root) check "$as: the remedy of $1${2:+ $2} runs" sh -e "$cell/script" ;;
    user) check "$as: the remedy of $1${2:+ $2} runs" "$as" sh -e "$cell/script" ;;
    *) check "$as: $1${2:+ $2} has a script" false ;;
  esac
  pending+=("${3:-pass} $1 ${2-}")
}
gone() { # gone AREA...: after all remedies since the last time
  local wanted what subject status
  doctor "$@"
  for wanted in "${pending[@]}"; do
    read -r wanted what subject <<<"$wanted"
    status=$(of "$what" "$subject" status || of "$what" '' status)
    check "$as: after its remedy $what${subject:+ $subject} is a $wanted" test "$status" = "$wanted"
    [ "$status" = "$wanted" ] || sed 's/^/      /' "$json"
  done
  pending=()
}

check "a limit of $outer_tasks tasks is around everything, read back" set_outer_limit || exit 1
[ "$failed" = 0 ] || exit 1

section "cgroups"
printf '[Service]\nDelegate=no\nDelegate=pids\n' >/etc/systemd/system/user@.service.d/delegate.conf
systemctl daemon-reload
systemctl restart user@1000
as_vmu systemd-run --user -q --unit=lives sleep 100000
as=as_vmu
as_vmu env GUARD_CPU_MAX=0.5 "$guard" doctor --json cgroups >"$json"
is caution delegation
because 'not cpu' delegation
is caution layer cpu
because 'the cpu controller is not delegated' layer cpu
is pass layer pids
is pass kernel cgroup.kill
remedy delegation
gone cgroups
check "what ran in the user's manager runs on" as_vmu systemctl --user -q is-active lives
check "a command is limited now" as_vmu "$guard" exec --require cpu --cpu-max 0.5 --report "$report" -- true
check "by the receipt too" test "$(layer cpu)" = active

section "the user's manager"
loginctl disable-linger vmu
systemctl stop user@1000
as=minimal
doctor systemd
is fail manager
is caution linger vmu
remedy manager
gone systemd
is pass linger vmu
check "it was found without XDG_RUNTIME_DIR" grep -q 'XDG_RUNTIME_DIR is not set here' <<<"$(of manager '' details)"
loginctl disable-linger vmu
doctor systemd
is caution linger vmu
remedy linger vmu
gone systemd

# Old enough by the time that it is looked for.
as_vmu mkdir -p "$own/guard/cmd_00000000000000aa"

section "services with sessions in them"
tmux_in() { # tmux_in FILE NAME USER
  mkdir -p "$(dirname "$1")"
  printf '[Service]\nType=forking\n%sExecStart=/usr/bin/tmux -L %s new-session -d sleep 100000\nRestart=no\n' "$3" "$2" >"$1"
}
tmux_in /etc/systemd/system/agent.service agent $'User=vmu\n'
tmux_in /home/vmu/.config/systemd/user/own.service own ''
tmux_in '/home/vmu/.config/systemd/user/a\x2db.service' ab ''
chown -R vmu: /home/vmu/.config
systemctl daemon-reload
systemctl start agent
as_vmu systemctl --user daemon-reload
as_vmu systemctl --user start own 'a\x2db'
tmux_of() { tr -d ' ' <"/sys/fs/cgroup/$1/cgroup.procs" | head -1; }
as=as_vmu
doctor systemd
is fail kill_mode agent.service
is fail kill_mode own.service
because 'tmux server' kill_mode agent.service
check "it says that mixed is no cure" grep -q 'guard session start' <<<"$(of kill_mode agent.service details)"
remedy kill_mode agent.service caution
remedy kill_mode own.service caution
gone systemd
check "the system's manager says mixed" test "$(systemctl show -p KillMode --value agent)" = mixed
check "the user's manager says mixed" test "$(as_vmu systemctl --user show -p KillMode --value own)" = mixed
server=$(tmux_of system.slice/agent.service)
check "a tmux is in the service" grep -q tmux "/proc/$server/comm"
systemctl restart agent
check "which a restart ends, with mixed too" test "$(tmux_of system.slice/agent.service)" != "$server" -a ! -e "/proc/$server"
as=as_root
doctor systemd
is caution kill_mode agent.service
is pass linger vmu
is fail kill_mode 'a\x2db.service'
remedy kill_mode 'a\x2db.service' caution
gone systemd
check "the file is the user's" test "$(stat -c %U '/home/vmu/.config/systemd/user/a\x2db.service.d/zz-guard-killmode.conf')" = vmu
systemctl stop agent
as_vmu systemctl --user stop own 'a\x2db'

section "headroom"
as=as_vmu
id=$(as_vmu "$guard" exec --detach --timeout 0 -- "$guard" exec --timeout 0 -- sleep 470)
await test "$(as_vmu "$guard" ps --json | grep -c '"id"')" = 2
sysctl -q -w fs.file-max=20000 fs.nr_open=8192 kernel.threads-max=1200
doctor headroom
is caution open_files
because '1 command may take 16384 open files' open_files
is caution open_files fs.nr_open
is caution tasks
because '1 command may take 1024 tasks' tasks
is caution memory
because '(100 %) of RAM' memory
remedy open_files
remedy open_files fs.nr_open
remedy tasks
gone headroom
check "at the next boot as well" test "$(cat /etc/sysctl.d/90-guard-*.conf | grep -c =)" = 3
as=as_root
doctor headroom
because '1 command may take 16384 open files' open_files
because '1 command may take 1024 tasks' tasks

section "leaks"
as=as_vmu
record_of() { echo "$store"/commands/"$1".*.json; }
number() { sed -n "s/.*\"$2\":{\"pid\":\([0-9]*\).*/\1/p" "$(record_of "$1")"; }
kill -9 "$(number "$id" lifeline)" "$(number "$id" guard)"
ended=$(as_vmu "$guard" exec --detach --timeout 0 -- sleep 471)
sed 's/"boot":"[^"]*"/"boot":"another"/' "$(record_of "$ended")" >"$cell/other"
kill -9 "$(number "$ended" lifeline)" "$(number "$ended" guard)" "$(number "$ended" main)"
install -o vmu -m 600 "$cell/other" "$store/commands/00000000000000bb.2147483.1.json"
install -o vmu -m 600 /dev/null "$store/commands/00000000000000cc.2147483.1.new"
echo '{' | install -o vmu -m 600 /dev/stdin "$store/commands/00000000000000dd.2147483.1.json"
full=$(as_vmu "$guard" exec --detach --timeout 0 --pids-max 10 -- sh -c 'for i in 1 2 3 4 5 6 7 8; do sleep 472 & done; exec sleep 472')
files=$(as_vmu "$guard" exec --detach --timeout 0 --open-files 20 -- bash -c 'for i in $(seq 3 18); do eval "exec $i</dev/null"; done; exec sleep 473')
as_vmu sh -c 'sleep 0 & echo $$ >'"$cell"'/parent; exec sleep 474' &
await test -s "$cell/parent"
await grep -q '^State:.Z' /proc/[0-9]*/status
await test "$(cat "$(find "$own" -name "cmd_$full" -prune)/pids.current")" = 9
doctor leaks headroom
because '3 commands may take ' open_files
is fail orphans
check "it names the command" grep -q "$id" <<<"$(of orphans '' details)"
is caution stale
of stale '' details >"$cell/stale"
for what in "$ended" 00000000000000aa 00000000000000bb 00000000000000cc 00000000000000dd; do
  check "stale has $what" grep -q "$what" "$cell/stale"
done
is caution near_limit "command $full"
because '9 of 10 tasks' near_limit "command $full"
is caution descriptors "command $files"
is caution zombies "process $(cat "$cell/parent")"
check "zombies are for a person" grep -q sleep <<<"$(of zombies '*' text)"
remedy orphans
gone leaks
is pass stale
check "nothing is left of the orphan" nothing_marked 470
as_vmu mkdir -p "$own/guard/cmd_00000000000000aa"
touch -d '-1 minute' "$own/guard/cmd_00000000000000aa"
install -o vmu -m 600 "$cell/other" "$store/commands/00000000000000bb.2147483.1.json"
doctor leaks
is caution stale
remedy stale
gone leaks
kill "$(cat "$cell/parent")"
wait
as_vmu "$guard" rm -f "$full" "$files"

section "nothing is changed, and 500 processes"
many='$0 = "many"; for (1 .. 500) { defined(my $p = fork) or die; $p or do { sleep 10000; exit } } open F, ">", shift; print F $$; close F; sleep 10000'
setsid setpriv --reuid 1000 --regid 1000 --clear-groups perl -e "$many" "$cell/many" &
await test -s "$cell/many"
everything() {
  find /sys/fs/cgroup -type d | sort
  find /run/guard /run/user/1000/guard /tmp /etc/systemd /home/vmu -path /tmp/cell -prune -o -printf '%p %s %T@\n' | sort
  loginctl list-sessions --no-legend
}
milliseconds() { # milliseconds COMMAND...: how long it takes
  local begin=${EPOCHREALTIME/./}
  "$@" >/dev/null
  echo $(((${EPOCHREALTIME/./} - begin) / 1000))
}
start=$(milliseconds "$guard" --version)
for as in as_vmu as_root; do
  everything >"$cell/before"
  took=$(milliseconds doctor)
  everything >"$cell/after"
  check "$as: all areas with $(ls -d /proc/[0-9]* | wc -l) processes took $took ms, and the start of guard $start ms" \
    test $((took - start)) -lt 30000
  check "$as: nothing is changed" diff "$cell/before" "$cell/after"
  check "$as: every check has said something" test "$(grep -c '"check": ' "$json")" -ge 19
done
kill -- "-$(cat "$cell/many")"
wait
finish
