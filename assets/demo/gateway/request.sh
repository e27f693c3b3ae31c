# One request through the gateway.
. /lib/shop.sh

request || exit 0
now
began=$micros
[ "$client" = - ] && client=172.18.0.1
fetch web:8080 "$path"
since "$began"
if [ -z "$reply" ]; then
    status=502
    printf '%s%d/%02d/%02d %02d:%02d:%02d [error]%s 7#7: connect() failed (111: Connection refused) while connecting to upstream, client: %s, request: "%s %s", upstream: "http://web:8080"\n' \
        "$escape[31m" $year $month $day $hour $minute $second "$escape[0m" "$client" "$method" "$path" >&2
    reply="<h1>502 Bad Gateway</h1>
"
    respond '502 Bad Gateway' text/html "$reply"
else
    printf '%s' "$reply"
fi
printf '%s - - [%02d/%s/%d:%02d:%02d:%02d +0000] "%s %s HTTP/1.1" %s %d "-" "%s" rt=%d.%03d\n' \
    "$client" $day $month_name $year $hour $minute $second "$method" "$path" "$status" ${#reply} "$agent" \
    $((ms / 1000)) $((ms % 1000)) >&3
