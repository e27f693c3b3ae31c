# The mail catcher: takes letters on 1025 and shows how many on 8025.
. /lib/shop.sh

trap 'echo "[mail] stopping"; kill $letters $server; exit 0' TERM INT
: > /tmp/letters
serve 1025 /srv/letter.sh
letters=$server
serve 8025 /srv/page.sh
echo '[smtp] binding to address: 0.0.0.0:1025'
echo '[http] serving under http://0.0.0.0:8025/'
wait $server
