# suites.sh SHARE NAME=SCRIPT[,ARGUMENT]...: runs these suites one after the other in one guest, each in a folder of its own that is
# new. What a suite says goes to stdout; its name, exit status and time in seconds to /vmout/suites.
share=$1
shift
status=0
for suite in "$@"; do
  IFS=, read -ra words <<<"${suite#*=}"
  rm -rf /tmp/cell /tmp/matrix
  systemctl reset-failed
  # No suite starts a gateway beside its commands but the one that is about it, which removes this.
  mkdir -p /etc/guard && printf '[gateway]\nmode = "off"\n' >/etc/guard/config.toml
  echo "== ${suite%%=*}"
  begin=$SECONDS result=0
  bash "$share/${words[0]}" "$share" "${words[@]:1}" </dev/null || result=$?
  echo "== ${suite%%=*}: exit status $result after $((SECONDS - begin)) s"
  printf '%s %s %s\n' "${suite%%=*}" $result $((SECONDS - begin)) >>/vmout/suites
  [ $result = 0 ] || status=1
done
exit $status
