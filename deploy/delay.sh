#!/bin/sh
# A growing pause between failures, where systemd is too old for RestartSteps= (before 254).
#   delay.sh count    after each end: count the failures in a row; a clean end, or ten good minutes, begin anew
#   delay.sh wait     before each start: 0, 2, 4, … 60 seconds
set -eu
file=$RUNTIME_DIRECTORY/failures
failures=$(cat "$file" 2>/dev/null || echo 0)

case $1 in
count)
    [ -z "$(find "$file" -mmin +10 2>/dev/null)" ] || failures=0
    [ "$SERVICE_RESULT" = success ] && failures=0 || failures=$((failures + 1))
    echo "$failures" >"$file"
    ;;
wait)
    # The first failure may be an accident.
    [ "$failures" -gt 1 ] || exit 0
    [ "$failures" -lt 6 ] && sleep $((1 << (failures - 1))) || sleep 60
    ;;
esac
