# The database: slow to start, steady afterwards.
. /lib/shop.sh

data=/var/lib/shop
ready=/tmp/ready

# log PROCESS LEVEL MESSAGE: a line as PostgreSQL writes it.
log() {
    now
    printf '%d-%02d-%02d %02d:%02d:%02d.%03d UTC [%d] %s:  %s\n' \
        $year $month $day $hour $minute $second $milli "$1" "$2" "$3"
}

stop() {
    log 1 LOG 'received fast shutdown request'
    rm -f $ready
    [ -n "$server" ] && kill $server
    log 27 LOG 'shutting down'
    log 1 LOG 'database system is shut down'
    rm -f $data/postmaster.pid
    exit 0
}

trap stop TERM INT
rm -f $ready
log 1 LOG 'starting PostgreSQL 16.4 on x86_64-pc-linux-musl, 64-bit'
if [ -e $data/postmaster.pid ]; then
    log 29 LOG 'database system was interrupted; last known up a moment ago'
    log 29 LOG 'database system was not properly shut down; automatic recovery in progress'
    pause 1
    log 29 LOG 'redo starts at 0/1954D08'
    pause 2
    log 29 LOG 'redo done at 0/1A03F60 system usage: CPU: user: 0.41 s, system: 0.12 s, elapsed: 2.03 s'
else
    log 29 LOG 'database system was shut down cleanly'
fi
echo 1 > $data/postmaster.pid
pause 2.5
log 30 FATAL 'the database system is starting up'
pause 2
log 27 LOG 'checkpoint starting: end-of-recovery immediate wait'
serve 5432 /srv/request.sh
touch $ready
log 1 LOG 'listening on IPv4 address "0.0.0.0", port 5432'
log 1 LOG 'database system is ready to accept connections'
while :; do
    pause 40
    between 12 190
    log 27 LOG "checkpoint complete: wrote $n buffers (0.$n%); 0 WAL file(s) added, 0 removed, 1 recycled; write=0.$n s, sync=0.004 s"
    [ $((RANDOM % 4)) -gt 0 ] || log 41 WARNING 'autovacuum: found orphan temp table "pg_temp_3.basket" in database "shop"'
done
