# beside.sh DIRECTORY COMMAND...: runs it as a child, and looks at what it left before this process ends.
directory=$1
shift
"$@"
code=$?
sh "$(dirname "$0")/looks-after.sh" "$directory"
exit $code
