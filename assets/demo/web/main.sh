# The web server: makes the shop's pages, and counts their visits in the cache.
. /lib/shop.sh

stop() {
    printf '%s%s%s stopping, no request is under way\n' "$escape[35m" shop-web "$escape[0m"
    kill $server
    exit 0
}

trap stop TERM INT
serve 8080 /srv/request.sh
printf '\n  %sSHOP%s %sv2.4.1%s  ready\n\n' "$escape[1;32m" "$escape[0m" "$escape[32m" "$escape[0m"
printf '  %s➜%s  Local:  %shttp://localhost:8080/%s\n' "$escape[32m" "$escape[0m" "$escape[36m" "$escape[0m"
printf '  %s➜%s  Cache:  %s%s%s\n\n' "$escape[32m" "$escape[0m" "$escape[36m" "$CACHE" "$escape[0m"
wait $server
