# The visitors: about one request a second, and a summary every twenty.
. /lib/shop.sh

trap 'echo "visitors: all went home"; exit 0' TERM INT
echo "visitors: on the way to http://$SHOP/"
visits=0 failed=0 total=0
while :; do
    between 6 15
    pause $((n / 10)).$((n % 10))
    one_of / / / /products/1 /products/2 /products/3 /cart /orders /static/shop.css /wishlist
    path=$word
    between 2 254
    client=203.0.113.$n
    one_of 'Mozilla/5.0 (X11; Linux x86_64) Firefox/133.0' 'Mozilla/5.0 (Macintosh) Safari/618.2' 'curl/8.11.0'
    agent=$word
    now
    fetch "$SHOP" "$path"
    since $micros
    visits=$((visits + 1)) total=$((total + ms))
    case $status in [23]* | 404) ;; *) failed=$((failed + 1)); echo "visitors: GET $path: ${status:-no answer}" >&2 ;; esac
    if [ $((visits % 20)) -eq 0 ]; then
        printf 'visitors: %d visits, %d failed, %d ms on average\n' $visits $failed $((total / 20))
        total=0
    fi
done
