# v1 controllers and a v2 tree beside them, under systemd, root.
. "$1/suite-v1.sh"
