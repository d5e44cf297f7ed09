#!/bin/bash
# suite-drift.sh SHARE: doctor namespaces under systemd, as root and as a user: it tells what made each namespace, and its remedies,
# run as they are, undo it.
. "$1/lib.sh"
. "$1/environments.sh"
cell=/tmp/cell
install -d -m 777 "$cell"
as_vmu() { manager_of vmu env HOME=/home/vmu "$@"; }
await() { for _ in $(seq 300); do ! "$@" || return 0; sleep 0.1; done; return 1; }
runs() { pgrep -x "$1" >/dev/null; }
doctor() { # doctor NAME: what root and the user are told, in $cell/NAME.root and $cell/NAME.vmu
  "$guard" doctor namespaces --json >"$cell/$1.root" && as_vmu "$guard" doctor namespaces --json >"$cell/$1.vmu"
}
canary() { local status=0; "$@" "$guard" doctor --canary >"$cell/canary" 2>&1 || status=$?; echo $status; }

# The lines of the finding about the process that is called so; in JSON with two spaces for each level.
finding() { awk -v text="$2" '/^  \{$/ { all = "" } { all = all $0 "\n" } /^  \}/ { if (index(all, text)) printf "%s", all }' "$cell/$1"; }
top() { finding "$1" "$2" | sed -n "s/^    \"$3\": \"\(.*\)\",\{0,1\}\$/\1/p"; }
inner() { finding "$1" "$2" | sed -n "s/^      \"$3\": \"\(.*\)\",\{0,1\}\$/\1/p"; }
agent() { echo "\"why\": \"agent $1\""; }
writable() { # writable FILE TEXT PATH: true or false
  finding "$1" "$2" | sed -n "/\"path\": \"${3//\//\\/}\"/{n;s/.*: \([a-z]*\),/\1/p}"
}
remedy() { # remedy FILE TEXT: runs the script as it is
  local script
  script=$(inner "$1" "$2" script | sed 's/\\"/"/g')
  [ -n "$script" ] || return 1
  printf '%b' "$script" >"$cell/remedy.sh"
  chmod a+r "$cell/remedy.sh"
  "${@:3}" sh -e "$cell/remedy.sh" >"$cell/remedy.out" 2>&1 || { cat "$cell/remedy.sh" "$cell/remedy.out"; return 1; }
}

check "a limit of $outer_tasks tasks is around everything, read back" set_outer_limit || exit 1
[ "$failed" = 0 ] || exit 1

for name in claude codex gemini aider opencode qwen kimi crush droid goose amp copilot; do
  cp /bin/sleep "/usr/local/bin/$name"
done
unit() { # unit DIRECTORY NAME COMMAND SETTING...: writes the file of a service
  mkdir -p "$1"
  printf '%s\n' '[Service]' "ExecStart=$3" "${@:4}" >"$1/$2.service"
}
service() { # service UNIT AGENT SETTING...
  unit /etc/systemd/system "$1" "/usr/local/bin/$2 100000" "${@:3}"
  systemctl daemon-reload
  systemctl start "$1"
}
read_only_etc='mount --bind /etc /etc && mount -o remount,bind,ro /etc && exec "$@"'

echo "-- the scene"
service strict claude ProtectSystem=strict 'ReadWritePaths=/var/lib /opt'
service full codex ProtectSystem=full
service yes gemini ProtectSystem=yes
service private aider PrivateTmp=yes
service home opencode ProtectHome=yes User=vmu
service paths amp ReadWritePaths=/var/lib
systemd-run -q --unit=fleeting -p ProtectSystem=full /usr/local/bin/copilot 100000
service clean goose
unshare -m sh -c "$read_only_etc" sh /usr/local/bin/qwen 100000 &
runuser -u vmu -- unshare -Urm sh -c "$read_only_etc" sh /usr/local/bin/kimi 100000 &
for pair in own:crush roots:droid; do
  unit "$cell/of-vmu" "${pair%:*}" "/usr/local/bin/${pair#*:} 100000" PrivateUsers=yes ProtectSystem=strict ReadWritePaths=/tmp
done
as_vmu sh -c 'mkdir -p ~/.config/systemd/user && cp "$1"/* ~/.config/systemd/user && systemctl --user daemon-reload && systemctl --user start own roots' sh "$cell/of-vmu"
# A server of tmux that leaves its service, which goes on; and one whose service has ended.
cat >"$cell/leave.sh" <<'END'
systemd-run -q --scope --collect --unit="$1-server" tmux -L "$1" new-session -d sleep 100000
[ "$2" = end ] || exec sleep 100000
END
unit /etc/systemd/system leaver "/bin/sh $cell/leave.sh stays on" ProtectSystem=full
systemctl daemon-reload
systemctl start leaver
systemd-run -q --wait --collect --unit=leaver-ends -p ProtectSystem=full sh "$cell/leave.sh" alone end
for name in claude codex gemini aider opencode qwen kimi crush droid goose amp copilot; do check "$name runs" await runs "$name"; done
check "two servers of tmux run" await test "$(tmux -L stays ls 2>/dev/null | wc -l)$(tmux -L alone ls 2>/dev/null | wc -l)" = 11

echo "-- what is found"
before=$(date +%s%N)
check "doctor" doctor before
echo "      two calls took $((($(date +%s%N) - before) / 1000000)) ms"
told() { # told NAME FILE TEXT STATUS SOURCE UNIT DIRECTIVES
  check "$1: $4, $7, from $5 ${6:+of unit $6}" \
    test "$(top "$2" "$3" status)|$(inner "$2" "$3" source)|$(inner "$2" "$3" unit)" = "$4|$5|$6"
  check "$1: the reason names it" grep -qF -- "$7" <<<"$(top "$2" "$3" reason)"
}
told strict before.root "$(agent claude)" fail unit strict.service "ProtectSystem=strict ReadWritePaths=/var/lib /opt, read from unit strict.service"
told full before.root "$(agent codex)" fail unit full.service "read-only: /etc, /usr; ProtectSystem=full, read from unit full.service"
told yes before.root "$(agent gemini)" fail unit yes.service "read-only: /usr; ProtectSystem=yes, read from unit yes.service"
told private before.root "$(agent aider)" fail unit private.service "private: /tmp; PrivateTmp=yes, read from unit private.service"
told home before.root "$(agent opencode)" fail unit home.service "inaccessible: /home/vmu; user vmu can not reach the user's bus; ProtectHome=yes, read from unit home.service"
told paths before.root "$(agent amp)" caution unit paths.service "ReadWritePaths=/var/lib, read from unit paths.service"
told unshare before.root "$(agent qwen)" fail mounts "" "read-only: /etc; unshare, or a program that does as it does, inferred from its mounts"
told "the user's unit, as root" before.root "$(agent droid)" fail unit roots.service "ProtectSystem=strict ReadWritePaths=/tmp, read from unit roots.service of user 1000"
told "a server that left" before.root 'tmux -L stays' fail unit leaver.service "ProtectSystem=full, read from unit leaver.service"
told "a server alone" before.root 'tmux -L alone' fail mounts "" "ProtectSystem=full, inferred from its mounts"
check "clean: passes" test "$(top before.root "$(agent goose)" status)" = pass
check "the user is told of the user's own" test -z "$(finding before.vmu "$(agent claude)")"
told "the user's unit, as the user" before.vmu "$(agent crush)" fail unit own.service "read from unit own.service of user 1000"
told "the user's unshare, as the user" before.vmu "$(agent kimi)" fail mounts "" "unshare"
told "a service for the user, as the user" before.vmu "$(agent opencode)" fail unit home.service "ProtectHome=yes, read from unit home.service"
told "a transient unit" before.root "$(agent copilot)" fail unit fleeting.service "ProtectSystem=full, read from unit fleeting.service"
check "its remedy is for whoever has made it" grep -q '"as": "person"' <<<"$(finding before.root "$(agent copilot)")"
systemctl stop fleeting
check "its remedy needs root" test "$(inner before.vmu "$(agent opencode)" as)" = root
check "what of a unit is writable, as a process in it finds" test "$(writable before.root "$(agent claude)" /etc) $(writable before.root "$(agent claude)" /root)" = "false true"
check "and of the others" test "$(writable before.root "$(agent codex)" /usr) $(writable before.root "$(agent codex)" /tmp)" = "false true"
check "the canary of root" test "$(canary)" = 1
check "says it in lines for people" grep -q '^  fail    mounts full.service: read-only: /etc, /usr; ' "$cell/canary"
check "and is silent about what passes" test -z "$(grep goose "$cell/canary")"
check "the canary of the user" test "$(canary as_vmu)" = 1
check "the canary of who can not look" test "$(canary unshare -m sh -c 'mount -t proc -o hidepid=2 proc /proc && exec runuser -u vmu -- "$@"' sh)" = 1
check "says why" grep -q 'could not be looked at' "$cell/canary"

echo "-- the remedies, as they are"
for name in claude codex gemini aider opencode amp qwen droid; do
  check "$name" remedy before.root "$(agent "$name")"
done
check "a server that left" remedy before.root 'tmux -L stays'
check "a server alone" remedy before.root 'tmux -L alone'
for name in crush kimi; do
  check "$name, as the user" remedy before.vmu "$(agent "$name")" as_vmu
done
check "nothing of the user's is root's" test -z "$(find /home/vmu/.config ! -user vmu)"
for name in claude codex gemini aider opencode amp crush droid goose; do check "$name runs again" await runs "$name"; done
check "the server that left its service has been started again" await tmux -L stays has-session

echo "-- what is found then"
check "doctor" doctor after
check "root: all see the host's mounts" test "$(grep -c '^    "status": "pass"' "$cell/after.root") $(grep -c '^    "status"' "$cell/after.root")" = "1 1"
check "the user: all see the host's mounts" test "$(grep -c '^    "status": "pass"' "$cell/after.vmu") $(grep -c '^    "status"' "$cell/after.vmu")" = "1 1"
for name in claude codex gemini aider opencode amp crush droid goose; do
  check "$name passes" test "$(top after.root "$(agent "$name")" status)" = pass
done
check "the server passes" test "$(top after.root 'tmux -L stays' status)" = pass
check "what had no unit has ended" test -z "$(finding after.root "$(agent qwen)")$(finding after.root "$(agent kimi)")$(finding after.root 'tmux -L alone')"
check "the canary of root" test "$(canary)$(cat "$cell/canary")" = 0
check "the canary of the user" test "$(canary as_vmu)$(cat "$cell/canary")" = 0
[ "$failed" = 0 ] || cat "$cell"/before.root "$cell"/after.root
finish
