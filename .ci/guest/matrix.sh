#!/bin/bash
# matrix.sh SHARE LAYOUT: the cells of this layout in the file "to-run", which "cells" has made: attacks in environments, against the
# file "expectations". A cell "doctor" compares what it foresees with the receipts of its row. One line for each cell goes to stdout,
# and one to /vmout/cells: layout environment user attack cell verdict.
. "$1/lib.sh"
. "$1/environments.sh"
layout=$2
work=/tmp/matrix
install -d -m 1777 "$work"

arguments_of() { # ATTACK: what is run
  case $1 in
    fork-bomb) echo fork-bomb 400 ;;
    threads) echo threads 400 ;;
    daemon) echo daemon ;;
    memory) echo memory 200 ;;
    fds) echo fds 5000 ;;
    cpu) echo cpu 2 2 62 ;;
    *) echo stubborn ;;
  esac
}

deadline_of() { # ATTACK: seconds; nothing but the deadline ends what a layer that is missing does not stop
  case $1 in
    stubborn) echo 1 ;;
    memory | cpu) echo 5 ;;
    *) echo 30 ;;
  esac
}

# expect ENVIRONMENT USER LAYER: the driver, or -REASON
expect() {
  awk -v l="$layout" -v e="$1" -v u="$2" -v n="$3" '
    $1 == l && $2 == e && $3 == u { print n == "pids" ? $4 : n == "memory" ? $5 : n == "cpu" ? $6 : "active" }' "$share/expectations"
}
reason() { awk -v r="$1" '$1 == "reason" && $2 == r { $1 = $2 = ""; sub(/^ +/, ""); print }' "$share/expectations"; }

wrong() { problems+="${problems:+; }$*"; }

judge_layer() { # judge_layer NAME EXPECTED: state and detail in the receipt
  local state text
  state=$(layer "$1")
  text=$(detail "$1")
  case $2 in
    -*)
      [ "$state" = degraded ] || wrong "$1 is ${state:-missing}, not degraded"
      [[ $text =~ ^$(reason "${2#-}")$([ "$1" != pids ] || reason watch)('; bound from above by '[^;]*)?$ ]] || wrong "$1 says: $text"
      ;;
    active) [ "$state" = active ] || wrong "$1 is ${state:-missing}: $text" ;;
    *)
      [ "$state" = active ] || wrong "$1 is ${state:-missing}: $text"
      [[ $text == "$2,"* ]] || wrong "$1 is not by $2: $text"
      ;;
  esac
}

judge_looks_after() {
  [ -e "$cell/left" ] || wrong "nobody looked at what is left: $(tail -c 300 "$cell/log")"
  [ ! -s "$cell/left" ] || wrong "left: $(tr '\n' ' ' <"$cell/left")"
}

judge_remains() {
  local left
  for _ in $(seq 30); do
    left=$(commands_left; scopes_left; attacks_left)
    [ -n "$left" ] || return
    sleep 0.1
  done
  wrong "left at last: $(tr '\n' ' ' <<<"$left")"
}

judge() { # judge ENVIRONMENT USER ATTACK LAYER CAUSE-ACTIVE CAUSE-DEGRADED: sets $result and $problems
  local expected cause=$5
  expected=$(expect "$1" "$2" "$4")
  [[ $expected != -* ]] || cause=$6
  case $4 in leftovers) ;; *) judge_layer "$4" "$expected" ;; esac
  [ "$(field cause)" = "$cause" ] || wrong "cause $(field cause), not $cause"
  no_survivors || wrong "survivors: $(sed 's/.*"survivors"://' "$report")"
  case $3 in
    daemon) [ "$(grep -o '"leftovers_killed":[0-9]*' "$report")" = '"leftovers_killed":2' ] || wrong "leftovers are not 2" ;;
    fds) [ "$(grep -o '"exit":{"code":[0-9]*' "$report")" = '"exit":{"code":24' ] || wrong "not ended by EMFILE" ;;
  esac
  case $expected,$(field cause) in
    -*,timeout) result="timeout($4 degraded)" ;;
    -*) result="$4 watched:$(field cause)" ;;
    *) result="$4:$(field cause)" ;;
  esac
}

# Run in the background, guard is killed with its process group, as agents do with what takes too long.
kill_guard() { # kill_guard ENVIRONMENT: sets $result
  local group='' begin end
  for _ in $(seq 300); do
    # Its own server is in another group; where a manager makes a scope, guard is Java.
    group=$(ps -C guard,java -o pgid=,args= | awk '/guard-cli.jar exec|bin.guard exec/ { print $1; exit }')
    [ -z "$group" ] || [ "$(attacks_left | wc -l)" -lt 2 ] || break
    sleep 0.1
  done
  [ "$(attacks_left | wc -l)" -ge 2 ] || { wrong "the command did not start: $(tail -c 500 "$cell/log")"; return; }
  begin=${EPOCHREALTIME/./}
  kill -KILL -- "-$group"
  for _ in $(seq 200); do
    [ -n "$(attacks_left)" ] || break
    sleep 0.05
  done
  end=${EPOCHREALTIME/./}
  result="lifeline: $(((end - begin) / 100000))/10 s"
  [ $((end - begin)) -lt 10000000 ] || wrong "the tree lived for $(((end - begin) / 1000)) ms: $(attacks_left)"
}

guard_exec() { # guard_exec ATTACK OPTION...: in the environment, as the user
  local name=$1
  shift
  # shellcheck disable=SC2046
  "env_$environment" "$user" "$guard" exec --report "$report" --kill-after 1 --timeout "$(deadline_of "$name")" "$@" \
    -- "$attack" $(arguments_of "$name") >"$cell/log" 2>&1
}

run_cell() { # run_cell ENVIRONMENT USER ATTACK LAYER CAUSE-ACTIVE CAUSE-DEGRADED OPTION...
  local environment=$1 user=$2 name=$3 verdict=ok begin=$SECONDS
  cell=$work/$1-$2-$3
  report=$cell/report
  problems='' result=none
  install -d -m 777 "$cell"
  if [ "$name" = guard-killed ]; then
    guard_exec "$name" &
    kill_guard
    wait
  else
    guard_exec "$name" "${@:7}"
    if [ -s "$report" ]; then judge "$1" "$2" "$3" "$4" "$5" "$6"; else wrong "no report: $(tail -c 500 "$cell/log")"; fi
    judge_looks_after
  fi
  [ "$environment" != no_children ] || grep -q '/java$' "$cell/no-children" || wrong "java was not told that there are no children"
  judge_remains
  [ -z "$problems" ] || verdict=FAIL
  check "$environment $user $name: $result ($((SECONDS - begin)) s)${problems:+: $problems}" test $verdict = ok
  printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$layout" "$environment" "$user" "$name" "$result" $verdict >>/vmout/cells
}

# What guard doctor foresees in an environment is what the receipts of the attacks there say.
run_doctor() { # run_doctor ENVIRONMENT USER
  local environment=$1 user=$2 begin=$SECONDS verdict=ok file pairs=() said any=
  cell=$work/$1-$2-doctor
  problems=''
  install -d -m 777 "$cell"
  # The settings that the attacks have as options.
  "env_$environment" "$user" env GUARD_PIDS_MAX=64 GUARD_MEMORY_MAX=64M GUARD_CPU_MAX=0.5 GUARD_OPEN_FILES=256 GUARD_TIMEOUT=1 \
    "$guard" doctor --json cgroups >"$cell/json" 2>"$cell/log"
  for file in "$work/$environment-$user"-*/report; do
    # Where guard was killed, there is none.
    [ -s "$file" ] || continue
    case $file in
      *-fork-bomb/report) pairs+=("pids=$file") ;;
      *-memory/report) pairs+=("memory=$file") ;;
      *-cpu/report) pairs+=("cpu=$file") ;;
      *-fds/report) pairs+=("open_files=$file") ;;
      *-stubborn/report) pairs+=("timeout=$file") ;;
    esac
    any=$file
  done
  # The settings of these are those of every attack.
  pairs+=({registry,rate_limit,process_group,lifeline}="$any")
  said=$("$share/foresight" "$cell/json" "${pairs[@]}") || wrong "$said $(tail -c 300 "$cell/log")"
  judge_remains
  [ -z "$problems" ] || verdict=FAIL
  check "$environment $user doctor ($((SECONDS - begin)) s)${problems:+: $problems}" test $verdict = ok
  printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$layout" "$environment" "$user" doctor foreseen $verdict >>/vmout/cells
}

check "a limit of $outer_tasks tasks is around everything, read back" set_outer_limit || exit 1
[ "$failed" = 0 ] || exit 1
loginctl enable-linger root

while read -r l environment user name <&3; do
  [ "$l" = "$layout" ] || continue
  if [ "$name" = doctor ]; then
    run_doctor "$environment" "$user" </dev/null
    continue
  fi
  # shellcheck disable=SC2046
  run_cell "$environment" "$user" $(awk -v a="$name" '$1 == "attack" && $2 == a { $1 = ""; print }' "$share/expectations") </dev/null
done 3<"$share/to-run"

finish
