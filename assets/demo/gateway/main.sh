# The gateway: passes every request on to one of the web servers, and logs as such servers do.
. /lib/shop.sh

notice() {
    now
    printf '%d/%02d/%02d %02d:%02d:%02d [notice] 1#1: %s\n' $year $month $day $hour $minute $second "$1"
}

stop() {
    notice 'signal 15 (SIGTERM) received, exiting'
    kill $server
    exit 0
}

trap stop TERM INT
notice 'using the "epoll" event method'
notice 'start worker processes'
serve 8080 /srv/request.sh
notice "start worker process $server"
wait $server
