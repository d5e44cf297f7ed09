#!/bin/bash
# suite-rounds.sh SHARE LAYOUT ROUNDS: many commands, one after the other and at once, and trees killed while they fork.
. "$1/lib.sh"
. "$1/environments.sh"
layout=$2 rounds=$3
patience=600 # for env_*: that long may one of the parts below take, where a slow machine runs two guests at once
cell=/tmp/cell
install -d -m 777 "$cell"
zombies() { ps -eo stat=,args= | grep '^Z'; }
remains() { commands_left; scopes_left; attacks_left; zombies; }
nothing_remains() {
  local left
  for _ in $(seq 50); do
    left=$(remains)
    [ -n "$left" ] || return 0
    sleep 0.1
  done
  echo "left: $left"
  return 1
}

check "a limit of $outer_tasks tasks is around everything, read back" set_outer_limit || exit 1
[ "$failed" = 0 ] || exit 1

many() { # many ENVIRONMENT USER
  local began
  "env_$1" "$2" sh -c 'for i in $(seq '"$rounds"'); do "$0" exec -- true || exit; done' "$guard"
  check "$1 $2: $rounds commands one after the other succeed" test $? -eq 0
  check "$1 $2: no cgroup, zombie or scope is left" nothing_remains
  began=$SECONDS
  "env_$1" "$2" sh -c 'for i in $(seq 20); do GUARD_RATE_LIMIT=100 "$0" exec -- sh -c "sleep 1; echo done" & done >'"$cell/many"'; wait' "$guard"
  check "$1 $2: 20 commands at once succeed ($(grep -c done "$cell/many") in $((SECONDS - began)) s)" test "$(grep -c done "$cell/many")" -eq 20
  check "$1 $2: no cgroup, zombie or scope is left" nothing_remains
}

kills() { # kills DRIVER ENVIRONMENT USER: by driver, "none" where there are no cgroups
  local bad=0 times=$cell/times-$1-$3 round
  rm -f "$times" "$cell/report"
  for round in $(seq "$rounds"); do
    report=$cell/report
    rm -f "$report"
    "env_$2" "$3" "$guard" exec --report "$report" --timeout 0.5 --kill-after 0 -- "$attack" fork-fast 8 >"$cell/log" 2>&1
    if [ "$(field cause)" = timeout ] && no_survivors && [ -z "$(attacks_left)" ] && driver_is "$1"; then
      sed -n 's/.*"reaped_seconds":\([0-9.E-]*\).*/\1/p' "$report" >>"$times"
    else
      bad=$((bad + 1))
      echo "round $round: cause $(field cause), pids: $(detail pids), left: $(attacks_left | tr '\n' ' ')$(tail -c 300 "$cell/log")"
    fi
  done
  check "$1 $3: $rounds trees killed while they fork are empty each time ($(median_and_max "$times"))" test $bad -eq 0
  check "$1 $3: nothing is left" nothing_remains
}

driver_is() {
  case $1 in
    none) [ "$(layer pids)" = degraded ] ;;
    *) [[ $(detail pids) == "$1,"* ]] ;;
  esac
}

median_and_max() { sort -g "$1" | awk '{ t[NR] = $1 } END { printf "time to empty: median %.3f s, max %.3f s", t[int((NR + 1) / 2)], t[NR] }'; }

case $layout in
  v2)
    many login vmu
    kills v2 service root
    kills systemd cron root
    kills systemd login vmu
    kills none read_only root
    ;;
  *)
    many cron root
    kills "$layout" cron root
    ;;
esac
finish
