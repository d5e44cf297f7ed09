#!/bin/bash
# suite-smoke.sh SHARE: a handful of checks where there are two processors.
. "$1/lib.sh"
. "$1/environments.sh"
cell=/tmp/cell
report=$cell/report
install -d -m 777 "$cell"
uname -r
check "there are two processors" test "$(nproc)" -eq 2
check "a limit of $outer_tasks tasks is around everything, read back" set_outer_limit || exit 1
[ "$failed" = 0 ] || exit 1

ended() { # ended NAME CAUSE LAYER: by this cause, the layer active, nothing left
  check "$1: cause $2" test "$(field cause)" = "$2"
  check "$1: $3 is active" test "$(layer "$3")" = active
  check "$1: nothing is left" test -z "$(attacks_left; commands_left)"
}
env_service vmu "$guard" exec --report "$report" --pids-max 64 --timeout 60 -- "$attack" fork-bomb 400
ended "fork bomb in a delegated service" pids pids
env_cron root "$guard" exec --report "$report" --timeout 1 --kill-after 0 -- "$attack" fork-fast 8
ended "killed while it forks on both processors" timeout timeout
env_service root "$guard" exec --report "$report" --cpu-max 1.5 --timeout 60 -- "$attack" cpu 2 4 175
check "two processors may be used for 1.5" test "$(field cause)" = exited
finish
