# The worker: does one job after the other and keeps a little of each, until its memory limit kills it. Every other life
# ends earlier, by a job that it cannot read.
. /lib/shop.sh

# log LEVEL MESSAGE FIELDS: a line in logfmt.
log() {
    now
    printf 'time=%d-%02d-%02dT%02d:%02d:%02d.%03dZ level=%s msg="%s" queue=%s %s\n' \
        $year $month $day $hour $minute $second $milli "$1" "$2" "$QUEUE" "$3"
}

crash() {
    log error 'job failed' "job=$job id=$id"
    cat >&2 <<END
Traceback (most recent call last):
  File "/app/worker/main.py", line 64, in <module>
    run(queue)
  File "/app/worker/main.py", line 41, in run
    handlers[job.kind](job.payload)
  File "/app/worker/thumbnails.py", line 118, in resize
    image = decode(payload["image"])
  File "/app/worker/images.py", line 27, in decode
    raise CorruptImage(f"unexpected marker 0xFFD9 at byte {offset}")
worker.images.CorruptImage: unexpected marker 0xFFD9 at byte 18230
END
    exit 1
}

# mail: hands a letter to the mail catcher, which is there only under its profile.
mail() {
    printf 'MAIL FROM:<shop@example.com>\nRCPT TO:<visitor%s@example.com>\nDATA order %s\n' $id $id | nc -w 1 mail 1025 >/dev/null 2>&1 &
    wait $! || log warn 'mail catcher is away, letter kept' "job=$job id=$id"
}

stop() {
    log info 'SIGTERM, no job is lost' "done=$done"
    exit 0
}

trap stop TERM INT
lives=$(($(cat /tmp/lives 2>/dev/null || echo 0) + 1))
echo $lives > /tmp/lives
kept=................
while [ ${#kept} -lt 1048576 ]; do kept=$kept$kept; done

done=0
log info 'worker started' "life=$lives"
while :; do
    between 15 35
    pause ${n%?}.${n#?}
    done=$((done + 1))
    id=$((1000 + lives * 1000 + done))
    one_of thumbnail thumbnail invoice stock mail
    job=$word
    [ $((lives % 2)) -eq 1 ] && [ $done -eq 12 ] && job=thumbnail && crash
    [ $job = mail ] && mail
    between 40 900
    log info 'job done' "job=$job id=$id took=${n}ms cached=${done}MiB"
    [ $((done % 10)) -eq 0 ] && log warn 'image cache keeps growing' "cached=${done}MiB evicted=0"
    # The leak. The kernel ends it.
    eval "cache_$done=\$kept"
done
