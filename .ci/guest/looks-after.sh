# looks-after.sh DIRECTORY: writes what a command has left to DIRECTORY/left, while its surroundings are still there.
. "$(dirname "$0")/lib.sh" "$(dirname "$0")"
{
  commands_left
  attacks_left
} >"$1/left.new"
mv "$1/left.new" "$1/left"
