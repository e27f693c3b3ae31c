# One request to the web server.
. /lib/shop.sh

# incr KEY: sets count to the cache's next number, or to nothing when the cache is away.
incr() {
    count=$(printf 'INCR %s\r\n' "$1" | nc -w 1 "${CACHE%:*}" "${CACHE#*:}" 2>/dev/null)
    count=${count#:}
    count=${count%"$cr"}
}

page() {
    printf '<!doctype html><html lang="en"><meta charset="utf-8"><title>%s</title><link rel="stylesheet" href="/static/shop.css">' "$1"
    printf '<h1>%s</h1>%s<footer>served by %s</footer></html>\n' "$1" "$2" "$HOSTNAME"
}

home() {
    incr hits
    if [ -n "$count" ]; then
        seen="This page has been seen <b>$count</b> times."
    else
        printf '%serror%s cache %s is away: connect ECONNREFUSED\n' "$escape[1;31m" "$escape[0m" "$CACHE" >&2
        seen="Nobody counts: the cache is away."
    fi
    page 'The Little Shop' "<p>$seen</p><p><a href=\"/products/1\">Kettle</a> <a href=\"/products/2\">Teapot</a> <a href=\"/products/3\">Cup</a> <a href=\"/cart\">Cart</a></p>"
}

product() {
    fetch "$API" "/v1$path"
    if [ -z "$reply" ]; then
        printf '%serror%s %s failed: api %s is away\n' "$escape[1;31m" "$escape[0m" "$path" "$API" >&2
        answer='503 Service Unavailable'
        text=$(page 'Back in a minute' '<p>The shelves are being filled.</p>')
        return
    fi
    body
    case $status in
        200) text=$(page "${path#/}" "<pre>$body</pre>") ;;
        *) answer='500 Internal Server Error' text=$(page 'Something broke' "<pre>$body</pre>") ;;
    esac
}

request || exit 0
now
began=$micros
type='text/html; charset=utf-8' answer='200 OK'
case $path in
    /) text=$(home) ;;
    /products/* | /orders | /orders/*) product ;;
    /cart) text=$(page Cart '<p>Two cups.</p>') ;;
    /static/shop.css) type=text/css text=$(cat /srv/shop.css) ;;
    /health) respond '200 OK' text/plain ok; exit 0 ;;
    *) answer='404 Not Found' text=$(page 'Not here' '<p>No such shelf.</p>') ;;
esac
respond "$answer" "$type" "$text"
since "$began"
case $answer in
    2*) colour=32 ;;
    4*) colour=33 ;;
    *) colour=31 ;;
esac
printf '%s%s%s %s %s%s%s %s%d ms - %d%s\n' "$escape[1m" "$method" "$escape[0m" "$path" \
    "$escape[${colour}m" "${answer%% *}" "$escape[0m" "$escape[2m" $ms ${#text} "$escape[0m" >&3
