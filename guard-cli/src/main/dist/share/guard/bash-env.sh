{ set -- "$-" "$@"; set +aeuvx; } 2>/dev/null
# For BASH_ENV. A "bash -c" that is no part of a guarded command becomes guard-shell, with what Bash shows of its own call:
# flags, options, the command, $0 and the arguments. Every other shell goes on as if this file were empty. The first line
# keeps the caller's flags as $1, so that nothing of this is traced or exported, or ends a shell that has them.

_guard_bash_env() {
  local flags=$1 seen=${_guard_bash_env-} shell=${BASH_SOURCE[0]%/share/guard/bash-env.sh}/libexec/guard/bash
  shift
  unset -v _guard_bash_env
  # guard-shell has executed this very process.
  [ "$seen" != "$$" ] || return 0
  [ -n "${BASH_EXECUTION_STRING+set}" ] && [ -f "$shell" ] && [ -x "$shell" ] || return 0

  local IFS=: name letters=${flags//[!abefkmnptuvxCEHPT]/}
  local words=()
  [ -z "$letters" ] || words+=("-$letters")
  if shopt -q login_shell; then words+=(-l); fi
  # It is not in the flags before the command begins.
  if shopt -q restricted_shell; then words+=(-r); fi
  case $flags in *h*) ;; *) words+=(+h) ;; esac
  case $flags in *B*) ;; *) words+=(+B) ;; esac
  for name in emacs history ignoreeof nolog pipefail vi; do
    case :$SHELLOPTS: in *:"$name":*) words+=(-o "$name") ;; esac
  done
  # What Bash begins with need not be said.
  local usual=checkwinsize:cmdhist:complete_fullquote:extquote:force_fignore:globasciiranges:globskipdots:hostcomplete
  usual=$usual:interactive_comments:patsub_replacement:progcomp:promptvars:sourcepath
  for name in ${BASHOPTS-}; do
    case $name:$usual: in
      login_shell:* | restricted_shell:* | *:"$name":*) ;;
      *) words+=(-O "$name") ;;
    esac
  done
  for name in ${BASHOPTS+$usual}; do
    case :$BASHOPTS: in
      *:"$name":*) ;;
      *) if shopt -u "$name" 2>/dev/null; then words+=(+O "$name"); fi ;;
    esac
  done
  words+=(-c -- "$BASH_EXECUTION_STRING" "$0" "$@")

  # A shell whose exec fails ends, but for this option.
  shopt -q execfail
  local execfail=$?
  shopt -s execfail
  _guard_bash_env=$$ exec -a "$BASH" "$shell" "${words[@]}"
  [ "$execfail" = 0 ] || shopt -u execfail
}

_guard_bash_env "$@"
unset -f _guard_bash_env
{
  case $1 in
    *[aeuvx]*) eval "shift; set -${1//[!aeuvx]/}" ;;
    *) shift ;;
  esac
} 2>/dev/null
