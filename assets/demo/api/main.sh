# The api: answers in JSON, logs in JSON, one object a line.
. /lib/shop.sh

log() {
    now
    printf '{"time":"%d-%02d-%02dT%02d:%02d:%02d.%03dZ","level":"%s","msg":"%s"%s}\n' \
        $year $month $day $hour $minute $second $milli "$1" "$2" "$3"
}

stop() {
    log info 'SIGTERM, draining' ',"in_flight":0'
    kill $server
    exit 0
}

trap stop TERM INT
log info 'configuration read' ",\"database\":\"$DATABASE\",\"log_level\":\"$LOG_LEVEL\""
serve 8000 /srv/request.sh
log info listening ',"port":8000'
while :; do
    pause 15
    between 1 7
    [ "$LOG_LEVEL" = debug ] && log debug 'connection pool' ",\"in_use\":$n,\"size\":16"
done
