# The cache: a counter that outlives its container, behind the few Redis commands that the shop uses.
. /lib/shop.sh

# log MARK MESSAGE: a line as Redis writes it.
log() {
    now
    printf '1:M %02d %s %d %02d:%02d:%02d.%03d %s %s\n' $day $month_name $year $hour $minute $second $milli "$1" "$2"
}

stop() {
    log '#' 'User requested shutdown...'
    log '*' 'Saving the final RDB snapshot before exiting.'
    kill $server
    log '#' 'Redis is now ready to exit, bye bye...'
    exit 0
}

trap stop TERM INT
log '*' 'Running mode=standalone, port=6379.'
log '#' 'WARNING Memory overcommit must be enabled! Without it, a background save may fail under low memory condition.'
serve 6379 /srv/request.sh
log '*' 'Ready to accept connections tcp'
while :; do
    pause 45
    between 9 60
    log '*' "$n changes in 45 seconds. Saving..."
    log '*' "Background saving started by pid $((n + 20))"
    pause 0.2
    log '*' 'Background saving terminated with success'
done
