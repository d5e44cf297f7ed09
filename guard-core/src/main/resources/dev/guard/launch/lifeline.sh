# Reads lines from guard on standard input. When they end, guard has ended: whatever it did not report as done is killed here.
#   begins ID -       a process of it may be held, which fails by itself once guard is gone
#   gate ID FIFO      a process may wait at this FIFO before its exec; it fails once guard is gone
#   group ID PID T    its main process, with start time T, which leads its process group; no PID: it was waited for
#   cgroup ID PATH    its cgroup, one line for each hierarchy
#   adopted ID PID T  a process of its tree that has lost its parent
#   parent ID PID T   end it when process PID with start time T has ended
#   kept ID -         leave it alone, and remove its cgroups once they are empty
#   log ID MAX FILE   its output comes on descriptor 3 and goes to this file, which is full with so many bytes
#   detached ID T P   let it run, end it T seconds after boot (0: never), and then or when its main process has ended what is left: P
#                     is kill, or keep
#   done ID -         nothing left to do
# A fork bomb without a cgroup may have taken every process this user can have, and a shell that can not fork exits. So programs are
# run by "try", and none before the processes have been ended.
# No file system is kept busy. Here, since posix_spawn(3) can not do it before glibc 2.29.
cd /
trap '' HUP INT QUIT TERM USR1 USR2 PIPE
ids=
newline='
'

# try PROGRAM ARGUMENT...: runs it; false also where no process can be had, which elsewhere ends a shell, but not in eval by command.
try() {
  command eval '"$@"'
}

pause() {
  if [ -n "${BASH_VERSION-}" ]; then
    # Bash exits when it can not fork, whatever is done about it. This pipe has come to its end, and opened so it never does again.
    read -r -t 0.5 nothing <>/proc/self/fd/0
    [ $? -le 128 ] || return
  fi
  try sleep 0.5 && return
  rounds=0
  while [ $rounds -lt 5000 ] && read -r uptime </proc/uptime; do rounds=$((rounds + 1)); done
}

forget() {
  kept=
  for known in $ids; do [ "$known" = "$1" ] || kept="$kept $known"; done
  ids=$kept
  unset "gate_$1" "group_$1" "born_$1" "cgroups_$1" "adopted_$1" "room_$1" "parent_$1" "kept_$1" "log_$1" "detached_$1"
}

adopt() { # adopt ID PID START: remembers it, and forgets those that have ended whenever there are twice as many
  eval "adopted=\"\${adopted_$1-} $2:$3\" room=\${room_$1-4000}"
  if [ ${#adopted} -gt "$room" ]; then
    living=
    for known in $adopted; do ! alive "${known%:*}" "${known#*:}" || living="$living $known"; done
    adopted=$living
    eval "room_$1=$((4000 + 2 * ${#living}))"
  fi
  eval "adopted_$1=\$adopted"
}

look_at() { # look_at PID: reads proc(5)'s stat, in which the command may hold anything, also newlines; false when there is none
  stat=
  while read -r line; do stat="$stat $line"; done 2>/dev/null <"/proc/$1/stat"
  set -- ${stat##*) }
  [ -n "${20-}" ] || return 1
  ppid=$2 pgrp=$3 start=${20} ended=
  # With other threads left, a process is no zombie, even if its first one is.
  [ "$1" != Z ] || [ "${18}" -gt 1 ] || ended=yes
}

alive() { # alive PID START: the process with this start time still runs
  look_at "$1" && [ "$start" = "$2" ] && [ -z "$ended" ]
}

marked() { # marked PID: the environment it was started with has the id of a command that is to end and began before it
  environment= line=
  for id in $ending; do
    eval "born=\${born_$id-}"
    [ -n "$born" ] && [ "$start" -ge "$born" ] || continue
    if [ -z "$environment" ]; then
      while read -r line; do environment="$environment $line"; done 2>/dev/null <"/proc/$1/environ"
      # The last entry ends in no newline. The shell leaves NUL bytes out.
      environment="$environment $line"
    fi
    case $environment in *"GUARD_ID=$id"*) return 0 ;; esac
  done
  return 1
}

ours() { # ours MARKS: process $pid, as look_at found it, belongs to a command that is to end
  case $taken in *" $ppid:"*) return 0 ;; esac
  case $groups in *" $pgrp "*) return 0 ;; esac
  case $roots in *" $pid:$start "*) return 0 ;; esac
  [ -n "$1" ] && marked "$pid"
}

stop_all() { # stops the processes of commands that are to end; sets $found when one of them was new; $1: look for marks too
  found=
  for process in /proc/[0-9]*; do
    pid=${process#/proc/}
    look_at "$pid" && [ -z "$ended" ] && [ "$pid" != $$ ] || continue
    case $taken in *" $pid:$start "*) continue ;; esac
    ours "${1-}" || continue
    kill -s STOP "$pid"
    taken="$taken$pid:$start "
    found=yes
  done
}

thaw() { # thaw PID: a v1 cgroup that keeps it frozen, and so from taking its KILL, unless somebody is there who was not stopped
  while IFS=: read -r number controllers path; do
    case ,$controllers, in *,freezer,*) ;; *) continue ;; esac
    frozen=/sys/fs/cgroup/freezer$path
    [ "$path" != / ] && [ -w "$frozen/freezer.state" ] || continue
    while read -r pid; do case $taken in *" $pid:"*) ;; *) frozen= ;; esac; done <"$frozen/cgroup.procs"
    [ -z "$frozen" ] || echo THAWED >"$frozen/freezer.state"
  done 2>/dev/null <"/proc/$1/cgroup"
}

kill_all() { # kills what was stopped, and waits until it has gone; who has not stays in $taken
  rounds=0
  while [ "$taken" != ' ' ] && [ $rounds -lt 200 ]; do
    rounds=$((rounds + 1))
    left=' '
    for known in $taken; do
      alive "${known%:*}" "${known#*:}" || continue
      kill -s KILL "${known%:*}"
      [ $rounds -lt 2 ] || thaw "${known%:*}"
      left="$left$known "
    done
    taken=$left
  done
}

stop_until_none_is_new() { # a stopped process does not fork: then killing a parent hides no child
  tries=0
  found=yes
  # Some may continue each other.
  while [ -n "$found" ] && [ $tries -lt 10 ]; do
    tries=$((tries + 1))
    stop_all "$@"
  done
}

# The words that a for loop goes through are set before its first round, so the next three may call themselves.
sweep() { # kills everything in cgroup $1 and below; sets $found when there was something
  [ ! -w "$1/cgroup.kill" ] || echo 1 >"$1/cgroup.kill"
  [ ! -w "$1/pids.max" ] || echo 0 >"$1/pids.max"
  while read -r pid; do
    found=yes
    # 0 is a process outside of our namespace of processes, and to kill(2) our own group.
    [ "$pid" = 0 ] || kill -s KILL "$pid"
  done <"$1/cgroup.procs"
  for below in "$1"/*/; do [ ! -d "$below" ] || sweep "${below%/}"; done
}

occupied() { # occupied CGROUP: something lives in it or below
  read -r pid <"$1/cgroup.procs" && return 0
  for below in "$1"/*/; do
    [ ! -d "$below" ] || ! occupied "${below%/}" || return 0
  done
  return 1
}

remove() { # removes cgroup $1 and what is below
  for below in "$1"/*/; do [ ! -d "$below" ] || remove "${below%/}"; done
  try rmdir "$1"
}

tidy() { # tidy ID: true when its cgroups are empty and gone, and the processes that it is known by
  eval "cgroups=\${cgroups_$1-} adopted=\${adopted_$1-}"
  left=
  for known in $adopted; do ! alive "${known%:*}" "${known#*:}" || left=yes; done
  IFS=$newline
  for cgroup in $cgroups; do
    [ ! -d "$cgroup" ] || { ! occupied "$cgroup" && remove "$cgroup"; } || left=yes
  done
  unset IFS
  [ -z "$left" ]
}

sweep_all() { # sweep_all ID: all its cgroups
  eval "cgroups=\${cgroups_$1-}"
  found=
  IFS=$newline
  for cgroup in $cgroups; do [ ! -d "$cgroup" ] || sweep "$cgroup"; done
  unset IFS
}

clean_up() { # clean_up ID: its gate and its cgroups, which wait until the processes have left
  eval "gate=\${gate_$1-} cgroups=\${cgroups_$1-}"
  if [ -n "$gate" ]; then
    try rm -f "${gate%/*}/alive" "${gate%/*}/unknown"
    [ ! -p "$gate" ] || : <>"$gate"
    try rm -f "$gate"
    try rmdir "${gate%/*}"
  fi
  tries=0
  sweep_all "$1"
  while [ -n "$found" ] && [ $tries -lt 500 ]; do
    try sleep 0.01
    tries=$((tries + 1))
    sweep_all "$1"
  done
  tries=0
  IFS=$newline
  for cgroup in $cgroups; do
    until [ ! -d "$cgroup" ] || remove "$cgroup" || [ $tries -ge 100 ]; do
      tries=$((tries + 1))
      try sleep 0.01
    done
  done
  unset IFS
}

end() { # ends all commands of $ending, together, since every look at all processes takes its time
  taken=' ' roots=' ' groups=' '
  for id in $ending; do
    eval "set -- \${group_$id-}
      roots=\"\$roots\${adopted_$id-} \""
    # The number of a main process that has gone stays taken as long as its group has members.
    if [ -n "${1-}" ] && { ! look_at "$1" || [ "$start" = "$2" ]; }; then
      roots="$roots$1:$2 " groups="$groups$1 "
    fi
  done
  # In no time, while a look at all processes takes some; whoever had left a cgroup was told as adopted.
  for id in $ending; do sweep_all "$id"; done
  stop_until_none_is_new
  kill_all
  # The marks come last, since reading the environment of a process can block.
  round=0
  while [ $round -lt 100 ]; do
    round=$((round + 1))
    stop_until_none_is_new marks
    [ "$taken" != ' ' ] || break
    kill_all
  done
  for id in $ending; do clean_up "$id"; done
}

say_lost() { # say_lost FILE: writes there how much is missing; false where it can not
  [ "$lost" = 0 ] || { printf '\nguard: at least %s bytes of output are missing here\n' "$lost" >>"$1" && lost=0; } 2>/dev/null
}

lose() { # takes a block of the output, so that the command does not wait for a disk; false at the end
  block=$(dd bs=65536 count=1 <&3 2>/dev/null | wc -c)
  lost=$((lost + block))
  [ "$block" -gt 0 ]
}

write_log() { # write_log MAX FILE: what a detached command writes, at once, until all who could write have gone
  size= lost=0
  while :; do
    if ! say_lost "$2" || ! try true >>"$2"; then
      lose && continue
      say_lost "$2"
      return
    fi
    before=$size size=$(wc -c <"$2")
    if [ "$size" -ge "$1" ]; then
      mv -f "$2" "$2.1"
      size=
      continue
    fi
    # Nothing was added, and nothing lost: it was the end.
    [ "$size" != "$before" ] || return
    room=$(($1 - size)) block=65536
    [ "$room" -ge $block ] || block=$room
    # Unlike head, which collects a block before it writes, dd writes what one read(2) has given. How much of the last block it
    # could not write, it does not say.
    dd bs="$block" count=$((room / block)) <&3 >>"$2" 2>/dev/null || lost=$((lost + 1))
  done
}

take_log() { # take_log ID: goes on with its log
  eval "log=\${log_$1-}"
  if [ -n "$log" ] && command eval 'write_log "${log%% *}" "${log#* }" &'; then
    eval "log_$1="
    exec 3<&-
  fi
}

look_after() { # look_after ID DEADLINE POLICY: a detached command whose guard has gone
  eval "main=\${group_$1-}"
  if [ -z "$main" ] || ! alive $main; then
    [ "$3" = keep ] && eval "kept_$1=yes" || ending="$ending $1"
  elif [ "$2" -gt 0 ] && read -r uptime rest </proc/uptime && [ "${uptime%.*}" -ge "$2" ]; then
    ending="$ending $1"
  fi
}

end_before_exit() { # the shell gives up, since it can not fork: ends what nobody would end on time then
  ending=
  for id in $ids; do eval "[ -n \"\${kept_$id-}\" ]" || ending="$ending $id"; done
  ids=
  [ -z "$ending" ] || end
}
trap end_before_exit EXIT

# Any program of the user can write into this pipe too: a line that guard does not write must not end the loop, nor more than it says.
while read -r what id rest; do
  case $id in '' | *[!0-9a-f]*) continue ;; esac
  case $what:$rest in
    group:*[!0-9\ ]* | adopted:*[!0-9\ ]* | parent:*[!0-9\ ]*) continue ;;
    cgroup:/*/guard/cmd_"$id") ;;
    cgroup:*) continue ;;
  esac
  case $what in
    begins) ids="$ids $id" ;;
    gate) ids="$ids $id" && eval "gate_$id=\$rest" ;;
    group) eval "group_$id=\$rest" && [ -z "$rest" ] || eval "born_$id=\${rest#* }" ;;
    cgroup) eval "cgroups_$id=\"\${cgroups_$id-}\$rest\$newline\"" ;;
    adopted) adopt "$id" $rest ;;
    kept) eval "kept_$id=yes" ;;
    parent) eval "parent_$id=\$rest" ;;
    log) eval "log_$id=\$rest" ;;
    detached) eval "detached_$id=\$rest" ;;
    done) forget "$id" ;;
  esac
done

while [ -n "$ids" ]; do
  ending=
  for id in $ids; do
    eval "parent=\${parent_$id-} kept=\${kept_$id-} detached=\${detached_$id-}"
    if [ -n "$detached" ] && [ -z "$kept" ]; then
      take_log "$id"
      look_after "$id" $detached
    elif [ -n "$kept" ]; then
      take_log "$id"
      ! tidy "$id" || forget "$id"
    elif [ -z "$parent" ] || ! alive $parent; then
      ending="$ending $id"
    fi
  done
  [ -z "$ending" ] || end
  for id in $ending; do forget "$id"; done
  [ -z "$ids" ] || pause
done
