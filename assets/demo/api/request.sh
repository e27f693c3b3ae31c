# One request to the api.
. /lib/shop.sh

# log LEVEL MESSAGE FIELDS: a JSON line in the container's output.
log() {
    now
    printf '{"time":"%d-%02d-%02dT%02d:%02d:%02d.%03dZ","level":"%s","msg":"%s"%s}\n' \
        $year $month $day $hour $minute $second $milli "$1" "$2" "$3" >&3
}

# query SQL: sets rows to what the database answers.
query() {
    rows=$(printf '%s\n' "$1" | nc -w 2 "${DATABASE%:*}" "${DATABASE#*:}" 2>/dev/null)
}

# fail ERROR REASON: what an unhandled error looks like in the log, and the answer to it.
fail() {
    log error "$1" ",\"url\":\"$path\",\"reason\":\"$2\""
    printf '%s: %s\n    at Orders.total (/app/src/orders.js:88:19)\n    at async Router.handle (/app/src/router.js:41:5)\n    at async Server.<anonymous> (/app/src/server.js:23:3) {\n  code: '\''%s'\''\n}\n' \
        "$1" "$2" "$2" >&2
    respond '500 Internal Server Error' application/json "{\"error\":\"$2\"}"
    exit 0
}

request || exit 0
now
began=$micros
case $path in
    /health) respond '200 OK' application/json '{"status":"ok"}'; exit 0 ;;
    /v1/products/*) query "SELECT name, price FROM products WHERE id = ${path##*/}" ;;
    /v1/orders*) query 'SELECT count(*) FROM orders' ;;
    *) respond '404 Not Found' application/json '{"error":"not found"}'; exit 0 ;;
esac
[ -n "$rows" ] || fail "DatabaseError: no answer from $DATABASE" ECONNREFUSED
case $path in
    /v1/orders*) [ $((RANDOM % 8)) -gt 0 ] || fail 'TypeError: cannot read the properties of undefined (reading '\''total'\'')' ERR_BAD_ORDER ;;
esac
respond '200 OK' application/json "{\"rows\":\"$rows\"}"
since "$began"
if [ $ms -gt 250 ]; then
    log warn 'slow request' ",\"method\":\"$method\",\"url\":\"$path\",\"status\":200,\"ms\":$ms"
else
    log info 'request' ",\"method\":\"$method\",\"url\":\"$path\",\"status\":200,\"ms\":$ms"
fi
