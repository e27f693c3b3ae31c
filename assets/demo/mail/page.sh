# The catcher's one page.
. /lib/shop.sh
request || exit 0
respond '200 OK' text/html "<!doctype html><title>Mail</title><h1>$(wc -l < /tmp/letters) letters</h1>
"
echo "[http] $method $path" >&3
