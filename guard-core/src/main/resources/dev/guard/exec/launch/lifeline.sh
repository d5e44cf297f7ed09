# Reads lines from guard on standard input. When they end, guard has ended: whatever it did not report as done is killed here.
#   gate ID FIFO      a process may wait at this FIFO before its exec; it fails once guard is gone
#   group ID PGID     its process group
#   cgroup ID PATH    its cgroup, one line for each hierarchy
#   parent ID PID T   end it when process PID with start time T has ended
#   kept ID -         leave it alone, and remove its cgroups once they are empty
#   done ID -         nothing left to do
trap '' HUP INT QUIT TERM USR1 USR2 PIPE
ids=
newline='
'

forget() {
  kept=
  for known in $ids; do [ "$known" = "$1" ] || kept="$kept $known"; done
  ids=$kept
  unset "gate_$1" "group_$1" "cgroups_$1" "parent_$1" "kept_$1"
}

alive() { # alive PID START: the process with this start time, field 22 of proc(5)'s stat, still runs
  read -r stat 2>/dev/null <"/proc/$1/stat" || return 1
  set -- "$2" ${stat##*) }
  [ "$2" != Z ] && [ "${21}" = "$1" ]
}

sweep() { # kills everything in cgroup $1 and below; sets $found when there was something
  [ ! -w "$1/cgroup.kill" ] || echo 1 >"$1/cgroup.kill"
  [ ! -w "$1/pids.max" ] || echo 0 >"$1/pids.max"
  for below in "$1"/*/; do
    [ ! -d "$below" ] || (sweep "${below%/}"; [ -z "$found" ]) || found=yes
  done
  while read -r pid; do
    found=yes
    kill -s KILL "$pid"
  done <"$1/cgroup.procs"
}

occupied() { # occupied CGROUP: something lives in it or below
  read -r pid <"$1/cgroup.procs" && return 0
  for below in "$1"/*/; do
    [ ! -d "$below" ] || ! (occupied "${below%/}") || return 0
  done
  return 1
}

tidy() { # tidy ID: true when its cgroups are empty and gone
  eval "cgroups=\${cgroups_$1-}"
  left=
  IFS=$newline
  for cgroup in $cgroups; do
    [ ! -d "$cgroup" ] || { ! occupied "$cgroup" && remove "$cgroup"; } || left=yes
  done
  unset IFS
  [ -z "$left" ]
}

remove() { # removes cgroup $1 and what is below
  for below in "$1"/*/; do [ ! -d "$below" ] || (remove "${below%/}"); done
  rmdir "$1"
}

end() { # end ID
  eval "gate=\${gate_$1-} group=\${group_$1-} cgroups=\${cgroups_$1-}"
  if [ -n "$gate" ]; then
    rm -f "${gate%/*}/alive"
    [ ! -p "$gate" ] || : <>"$gate"
    rm -f "$gate"
    rmdir "${gate%/*}"
  fi
  [ -z "$group" ] || kill -s KILL -- "-$group"
  tries=0
  while [ $tries -lt 500 ]; do
    found=
    IFS=$newline
    for cgroup in $cgroups; do [ ! -d "$cgroup" ] || sweep "$cgroup"; done
    unset IFS
    [ -n "$found" ] || break
    tries=$((tries + 1))
    sleep 0.01
  done
  tries=0
  IFS=$newline
  for cgroup in $cgroups; do
    until [ ! -d "$cgroup" ] || remove "$cgroup" || [ $tries -ge 100 ]; do
      tries=$((tries + 1))
      sleep 0.01
    done
  done
  unset IFS
}

while read -r what id rest; do
  case $what in
    gate) ids="$ids $id" && eval "gate_$id=\$rest" ;;
    group) eval "group_$id=\$rest" ;;
    cgroup) eval "cgroups_$id=\"\${cgroups_$id-}\$rest\$newline\"" ;;
    kept) eval "kept_$id=yes" ;;
    parent) eval "parent_$id=\$rest" ;;
    done) forget "$id" ;;
  esac
done

while [ -n "$ids" ]; do
  for id in $ids; do
    eval "parent=\${parent_$id-} kept=\${kept_$id-}"
    if [ -n "$kept" ]; then
      ! tidy "$id" || forget "$id"
      continue
    fi
    [ -z "$parent" ] || ! alive $parent || continue
    end "$id"
    forget "$id"
  done
  [ -z "$ids" ] || sleep 0.5
done
