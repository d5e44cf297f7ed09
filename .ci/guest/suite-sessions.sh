#!/bin/bash
# suite-sessions.sh SHARE: sessions under systemd, on pure cgroup v2: they survive the restart of the service that started them,
# inside their limits, and leave a reserve.
. "$1/lib.sh"
. "$1/environments.sh"
cell=/tmp/cell
out=$cell/out
install -d -m 777 "$cell"
nobody() { ! pgrep -f "$1" >/dev/null; }
at_most() { [ -s "$1" ] && [ "$(cat "$1")" -le "$2" ]; }
gone() { [ ! -d "$1" ]; }

as_root() { env -u XDG_RUNTIME_DIR HOME=/root "$@"; }
as_vmu() { runuser -u vmu -- env -i PATH="$PATH" HOME=/home/vmu LANG=C.UTF-8 "$@"; }
slice_of() { if [ "$1" = root ]; then echo /sys/fs/cgroup/guard.slice; else echo /sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/guard.slice; fi; }
scope_of() { echo "$(slice_of "$1")/guard-session-$2.scope"; }
processes_in() { find "$1" -name cgroup.procs -exec cat {} + 2>/dev/null; }
listed() { "$as" "$guard" session list >"$out"; [ "$(grep -cE "^$1 .* running " "$out")" = "$2" ]; }
socket_of() { if [ "$user" = root ]; then echo "/run/guard/sessions/$1.sock"; else echo "/run/user/1000/guard/sessions/$1.sock"; fi; }
tmux_at() { "$as" tmux -S "$(socket_of "$1")" "${@:2}"; }
shown() { [ -n "$(tmux_at "$1" list-clients 2>/dev/null)" ]; }
holds() { [ "$(tr '\n' ' ' <"$1" 2>/dev/null)" = "$2" ]; }

attach() { # attach SESSION SOCKET: on a terminal, until it is shown, and away again
  "$as" timeout 60 script -qec "TERM=xterm $guard session attach $1" /dev/null </dev/null >"$cell/attached" 2>&1 &
  check "$1: it can be attached" await shown "$2"
  tmux_at "$2" detach-client -s "=${1//./+}"
  check "$1: and detached" wait $!
}

# Starts three sessions, the third on the shared server, and a bare tmux beside them; when it is started again, nothing.
cat >"$cell/bot.sh" <<END
cd /tmp
if [ ! -e $cell/\$1-started ]; then
  for n in 1 2; do $guard session start \$1-\$n --pids-max 300 -- sh -c "sleep 30\$n & exec sleep 31\$n"; done >$cell/\$1-ids 2>$cell/\$1-err
  $guard session start \$1-3 --shared-server -- sleep 313 >>$cell/\$1-ids 2>>$cell/\$1-err
  tmux -S /tmp/bare-\$1 new-session -d sleep 314
fi
touch $cell/\$1-started
exec sleep 100000
END
chmod -R a+rX "$cell"

survives() { # survives NAME RESTART...: the service NAME has been started for $user; the words restart it
  local name=$1 n scope
  shift
  check "$name: it has started its sessions" await test -e "$cell/$name-started"
  check "$name: nothing is said" silent "$cell/$name-err"
  check "$name: three ids" test "$(grep -cxE '[0-9a-f]{16}' "$cell/$name-ids")" = 3
  for n in 1 2; do
    scope=$(scope_of "$user" "$name-$n")
    check "$name: session $n is in a cgroup with its limit, in its own scope" \
      test "$(cat "$scope/guard/cmd_$(sed -n "${n}p" "$cell/$name-ids")/pids.max")" = 300
    check "$name: the scope has it too, and room for tmux and guard" test "$(cat "$scope/pids.max")" = 556
  done
  check "$name: the third one is in the scope of the shared server" \
    test -d "$(slice_of "$user")/guard-sessions.scope/guard/cmd_$(sed -n 3p "$cell/$name-ids")"
  check "$name: the bare tmux runs" pgrep -f 'sleep 314'
  pgrep -f '^sleep 3[01][123]$' | sort >"$cell/$name-before"
  check "$name: their five processes run" test "$(wc -l <"$cell/$name-before")" = 5
  check "$name: the service is restarted" "$@"
  check "$name: the bare tmux has died with the service" await nobody 'sleep 314'
  pgrep -f '^sleep 3[01][123]$' | sort >"$cell/$name-after"
  check "$name: all five processes live on" diff "$cell/$name-before" "$cell/$name-after"
  check "$name: all three sessions are listed" listed "$name-[123]" 3
  check "$name: each with its scope" test "$(grep -cE "guard-session-$name-[12].scope|guard-sessions.scope" "$out")" = 3
  attach "$name-1" "$name-1"
  attach "$name-3" .shared
  check "$name: stop" "$as" "$guard" session stop --grace 0.5 "$name-1" "$name-2" "$name-3"
  for n in 1 2; do check "$name: the scope of $n is gone" await gone "$(scope_of "$user" "$name-$n")"; done
  check "$name: the shared scope is gone with its last session" await gone "$(slice_of "$user")/guard-sessions.scope"
  check "$name: no process is left" nobody '^sleep 3[01][123]$'
}

check "a limit of $outer_tasks tasks is around everything, read back" set_outer_limit || exit 1
[ "$failed" = 0 ] || exit 1

echo "-- a service of the system's, as root"
as=as_root user=root
systemd-run -q --unit=bot-root sh "$cell/bot.sh" root
survives root systemctl restart bot-root
systemctl stop bot-root

echo "-- a service of the system's, as a user, with an almost empty environment"
as=as_vmu user=vmu
systemd-run -q --unit=bot-vmu -p User=vmu sh "$cell/bot.sh" vmu
survives vmu systemctl restart bot-vmu
systemctl stop bot-vmu

echo "-- a service of the user's own manager"
manager_of vmu systemd-run --user -q --unit=bot-own \
  sh -c "[ -e $cell/own ] || $guard session start own -- sleep 315 >$cell/own-said 2>&1; touch $cell/own; exec sleep 100000"
check "own: it has started its session" await test -e "$cell/own"
check "own: one id, and nothing is said" grep -qxE "[0-9a-f]{16}" "$cell/own-said"
check "own: it runs, in its scope" grep -qx "$(pgrep -xf 'sleep 315')" <(processes_in "$(scope_of vmu own)")
before=$(pgrep -xf 'sleep 315')
check "own: the service is restarted" manager_of vmu systemctl --user restart bot-own
check "own: the session lives on" test "$(pgrep -xf 'sleep 315')" = "$before"
check "own: it is listed" listed own 1
check "own: stop" "$as" "$guard" session stop --grace 0 own
check "own: the scope is gone" await gone "$(scope_of vmu own)"
manager_of vmu systemctl --user stop bot-own

echo "-- no manager"
as=as_root user=root
systemd-run -q --unit=bot-alone unshare -m sh -c "mount -t tmpfs none /run/systemd; [ -e $cell/alone ] || $guard session start alone -- sleep 320 >$out 2>&1; touch $cell/alone; exec sleep 100000"
check "without a manager: it is started" await test -e "$cell/alone"
check "without a manager: one line says what that means" \
  says '^guard: session alone has no scope of its own [(]systemd does not run here[)]: it will die with the service'
check "without a manager: it runs" pgrep -f '^sleep 320'
systemctl restart bot-alone
check "without a manager: it dies with its service" await nobody '^sleep 320'
systemctl stop bot-alone
check "it is listed no more" listed alone 0

echo "-- the reserve"
total=$(($(sed -n 's/^MemTotal: *\([0-9]*\) kB/\1/p' /proc/meminfo) * 1024))
for user in root vmu; do
  memory=$(cat "$(slice_of $user)/memory.max") tasks=$(cat "$(slice_of $user)/pids.max")
  check "$user: all sessions together leave a quarter of this small memory ($memory of $total)" \
    test $((total / 100 * 70)) -lt "$memory" -a "$memory" -le $((total / 100 * 76))
  check "$user: and a fifth of the tasks ($tasks)" test "$tasks" -lt $(($(cat /proc/sys/kernel/threads-max) * 81 / 100))
done
systemctl set-property --runtime guard.slice MemoryMax=321M
as_root "$guard" session start limited -- sleep 330 >"$out" 2>&1
check "a limit that somebody has set holds" test "$(cat "$(slice_of root)/memory.max")" = $((321 << 20))
as_root "$guard" session status limited >"$out"
check "status says so" says '^all sessions +guard.slice: memory 321.0M, tasks [0-9]+'
check "and so does the receipt of its command" says '^memory +off .*; bound from above by /sys/fs/cgroup/guard.slice: memory.max 336592896'
as_root "$guard" session stop --grace 0 limited

echo "-- inside a session"
as=as_vmu user=vmu
scope=$(scope_of vmu in.side)
cat >"$cell/inside.sh" <<END
$guard exec --pids-max 50 -- sh -c 'cat /proc/self/cgroup; sleep 340' >$cell/in-inner &
printf '%s\0' "\$@" >$cell/in-words
wait
END
prompt=$'say "it\'s $HOME" \\ and\n`date`; tab\there #{x} *'
long=$(printf 'x%.0s' $(seq 20000))
as_vmu "$guard" session start in.side --pids-max 400 --memory-max 300M --open-files 300 -- sh "$cell/inside.sh" --prompt "$prompt" "" "$long" >"$out" 2>&1
id=$(cat "$out")
check "a name with a dot" test -d "$scope/guard/cmd_$id"
check "its limits" test "$(cat "$scope/guard/cmd_$id/pids.max" "$scope/guard/cmd_$id/memory.max" | tr '\n' ' ')" = "400 314572800 "
check "at its limit of memory one process ends, and not the agent with its shell" \
  test "$(cat "$scope/guard/cmd_$id/memory.oom.group")" = 0
printf '%s\0' --prompt "$prompt" "" "$long" >"$cell/words"
check "every word arrives as it was given, one of 20,000 letters too" await cmp -s "$cell/words" "$cell/in-words"
check "the command it runs by guard exec" await grep -q cmd_ "$cell/in-inner"
check "is inside its own limits inside the session's" \
  grep -q "/guard-session-in.side.scope/guard/cmd_$id/guard/cmd_[0-9a-f]*/main\$" "$cell/in-inner"
as_vmu "$guard" ps >"$out"
check "guard ps shows it below the session" test "$(grep -A1 "^$id *in.side " "$out" | tail -1 | grep -c '\\_ sh -c')" = 1
check "in the session's budget" test "$(grep -c ' session-in.side ' "$out")" = 2
tmux_at in.side new-window -t =in+side:
two_commands() { [ "$(ls -d "$scope"/guard/cmd_* 2>/dev/null | wc -l)" = 2 ]; }
check "a new window is a command of its own in the same scope" await two_commands
tmux_at in.side send-keys -t =in+side: "(ulimit -Sn; ulimit -Hn) >$cell/in-window" Enter
check "its shell has the same open files" await holds "$cell/in-window" "300 300 "
tmux_at in.side send-keys -t =in+side: "$guard session stop in.side >$cell/in-stop 2>&1; echo >>$cell/in-stop end" Enter
check "to stop it from the inside ends" await grep -qs end "$cell/in-stop"
check "with a reason" grep -q 'part of session in.side itself' "$cell/in-stop"
check "stop" as_vmu "$guard" session stop --grace 0.5 in.side
check "nothing is left" await gone "$scope"

echo "-- one that leaks and one that forks"
# Says its caps, soft and hard, and a grandchild's; opens files until it may not, or has so many; says how many, and holds them.
cat >"$cell/leak.sh" <<'END'
say='ulimit -Sn; ulimit -Hn'
{ eval "$say"; sh -c "sh -c '$say'; :"; } >"$2.caps"
n=0
while [ $n -lt "$1" ] && { exec {file}</dev/null; } 2>>"$2.error"; do n=$((n + 1)); done
echo $n >"$2.count"
exec sleep 350
END
for user in root vmu; do
  as=as_$user leaks=$cell/$user-leaks calm=$cell/$user-calm
  "$as" "$guard" session start leaks --shared-server --open-files 256 -- bash "$cell/leak.sh" 100000 "$leaks" >"$out" 2>&1
  "$as" "$guard" session start calm --shared-server --open-files 512 -- bash "$cell/leak.sh" 400 "$calm" >"$out" 2>&1
  check "$user: a session that leaks gets EMFILE" await grep -qs 'Too many open files' "$leaks.error"
  check "$user: at its cap of 256" await at_most "$leaks.count" 255
  check "$user: while the other one on the same server opens 400" await holds "$calm.count" "400 "
  check "$user: each has its own cap, soft and hard, and so has a grandchild" \
    test "$(cat "$leaks.caps" "$calm.caps" | tr '\n' ' ')" = "256 256 256 256 512 512 512 512 "
  check "$user: and a login and its names work" test "$(env_login vmu sh -c 'getent passwd root | cut -d: -f1; id -un')" = $'root\nvmu'
  check "$user: both are on one server, in one scope" test -d "$(slice_of $user)/guard-sessions.scope"
  "$as" "$guard" session stop --grace 0 leaks calm
  check "$user: nothing is left" await gone "$(slice_of $user)/guard-sessions.scope"
done
as_vmu "$guard" session start bomb --pids-max 64 -- "$attack" fork-bomb 400 >"$out" 2>&1
id=$(cat "$out")
as_vmu "$guard" wait "$id"
as_vmu "$guard" history --json --cause pids >"$out"
check "a fork bomb in a session is stopped by its limit of tasks" says "\"id\":\"$id\""
check "with at most so many" test "$(sed -n "/$id/s/.*\"peak_pids\":\([0-9]*\).*/\1/p" "$out")" -le 64
check "nothing is left of it" await gone "$(scope_of vmu bomb)"

echo "-- a tmux server that is stopped"
as_vmu "$guard" session start silent -- sleep 360 >"$out" 2>&1
kill -STOP "$(tmux_at silent display-message -p '#{pid}')"
as_vmu "$guard" session list >"$out"
check "it is listed" says '^silent .* silent '
check "and can be stopped, by its scope" as_vmu "$guard" session stop --grace 0 silent
check "nothing is left of it" await gone "$(scope_of vmu silent)"
check "no command is left" no_commands_left

echo "-- XDG_RUNTIME_DIR of another user"
as_stranger() { runuser -u vmu -- env -i PATH="$PATH" HOME=/home/vmu LANG=C.UTF-8 XDG_RUNTIME_DIR=/run/user/0 "$@"; }
as_stranger "$guard" session start stranger -- sleep 320 >"$out" 2>"$cell/err"
check "su keeps the variable, and the user's own manager is found all the same" silent "$cell/err"
check "the session is in its scope" test -d "$(scope_of vmu stranger)/guard/cmd_$(cat "$out")"
as_stranger "$guard" session stop stranger >"$out" 2>&1
check "and ends: $(cat "$out")" test ! -d "$(scope_of vmu stranger)"
finish
